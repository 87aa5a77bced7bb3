# Tests the examples by the exit status of each program and what it prints.
set(data ${PROJECT_SOURCE_DIR}/examples/data)
function(l1loss_test_example test name status output)
    l1loss_add_test(examples examples.${test}
        COMMAND ${CMAKE_COMMAND} -D STATUS=${status} -D "OUTPUT=${output}" -P ${CMAKE_CURRENT_SOURCE_DIR}/expect.cmake
                -- $<TARGET_FILE:l1loss_example_${name}> ${ARGN}
        WORKING_DIRECTORY ${data}/formats)
endfunction()

l1loss_test_example(tensors tensors 0
    "sum +12[.]7532997 .*mean +0[.]850219965 .*the same bits.*the same bits.*none +1 +1 +1\nsum +3\nmean +1\n")

# The numbers of training_step and elements are those of NumPy 1.24, in float64 and in float32. The examples eigen, padded_rows and
# xtensor_views exit with 0 only if each loss equals that of the other library.
l1loss_test_example(training_step training_step 0
    "loss 2[.]9648 of 53 .*loss 0[.]1141 .*loss 0[.]0478 .*loss 0[.]0433 .*loss 0[.]0432 of 53  y = 1[.]995 x [+] 1[.]009\n$")
# These two exit with 0 only if every window and every nearest row is right.
l1loss_test_example(anomaly_gate anomaly_gate 0 "10000 of 10000 windows right, 0 allocations .*\nwhole .* p99[.]9 .*\ngate .* p99[.]9 ")
l1loss_test_example(nearest_prototype nearest_prototype 0 "nearest row 0 at distance 8[.]4844, .*\n200 queries against 2000 rows of 128: ")
# The loss is that of the example digits. The progress bar is on stderr, which CTest adds.
l1loss_add_test(examples examples.streaming_metric COMMAND l1loss_example_streaming_metric ${data}/digits.npy ${data}/digits_pca16.npy 128)
set_tests_properties(examples.streaming_metric PROPERTIES
    PASS_REGULAR_EXPRESSION "#. 100%\nmean 1[.]12826288  sum 129759[.]258  of 115008 elements\n")
l1loss_test_example(streaming_metric.usage streaming_metric 2 "usage: streaming_metric INPUT" ${data}/digits.npy)
l1loss_test_example(streaming_metric.size streaming_metric 2 "digits.pgm: expected the size of .*digits.npy" ${data}/digits.npy ${data}/digits.pgm)
l1loss_test_example(streaming_metric.no_file streaming_metric 2 "cannot get file size" no_such no_such)
if(TARGET l1loss_example_eigen)
    l1loss_test_example(eigen eigen 0 " 10[.]00661.* 210139 .* 10[.]07324.* 7[.]300000.* 30 .* 9[.]628571.* 9[.]993332")
endif()
if(TARGET l1loss_example_padded_rows)
    l1loss_test_example(padded_rows padded_rows 0 "a row of 600 elements every 1920\n.*OpenCV [1-9][0-9]+\n.*OpenCV [1-9][0-9]+\n$")
    l1loss_test_example(elements elements 0
        "^64 .* 15[.]6555 .* 64125 .*\n.* 24[.]7344 .* 1583 .*\n\n.* 0[.]00197\n.* 0[.]00192 +0[.]00192 +0[.]00206\n.* 0[.]00192 +0[.]000192 +1[.]92e-05\n$" ${data})
    l1loss_test_example(elements.no_data elements 2 "digits.pgm: expected a PGM image" ${data}/formats)
endif()
if(TARGET l1loss_example_xtensor_views)
    l1loss_test_example(xtensor_views xtensor_views 0 " 54187 .* 28006 .* 216694 .* 433364 .* 54178 ")
endif()

if(TARGET l1loss_example_digits)
    l1loss_test_example(digits digits 0 "^mean 1[.]12826288 .* [+]0 ulp .*\nsum +129759[.]258 .* [+]0 ulp .*\n$" ${data})
    l1loss_test_example(digits.no_directory digits 2 "usage: digits DIRECTORY")
    l1loss_test_example(digits.no_data digits 2 "failed to open" ${data}/formats)
endif()
if(TARGET l1loss_example_libtorch)
    l1loss_test_example(libtorch libtorch 0 "^mean .*: yes\nsum .*: yes\nnone .*: yes\n2.20 floats: .*\nrefused: input has shape .3, 1., target has .3.\n$")
    set_tests_properties(examples.libtorch PROPERTIES LABELS full)
endif()

if(NOT TARGET l1loss_example_npy_loss)
    return()
endif()

# ---- npy_loss: what it computes.
function(l1loss_test_npy_loss test output)
    l1loss_test_example(npy_loss.${test} npy_loss 0 "${output}" ${ARGN})
endfunction()

l1loss_test_npy_loss(help "^The L1 loss.*--reduction.*--output" --help)
l1loss_test_npy_loss(digits "^1[.]12826288\n$" ../digits.npy ../digits_pca16.npy)
l1loss_test_npy_loss(float32 "^1[.]83333337\n$" float32.npy ones_float32.npy)
l1loss_test_npy_loss(float64 "^1[.]8333333333333333\n$" float64.npy ones_float64.npy)
l1loss_test_npy_loss(sum "^11\n$" float32.npy ones_float32.npy --reduction sum)
l1loss_test_npy_loss(column "^0\n$" column.npy column.npy)
l1loss_test_npy_loss(one_element "^0\n$" one_element.npy one_element.npy)
l1loss_test_npy_loss(scalar "^0\n$" scalar.npy scalar.npy)
l1loss_test_npy_loss(empty "^nan\n$" empty.npy empty.npy)
l1loss_test_npy_loss(float16 "^1[.]83333337\n$" float16.npy ones_float32.npy)
l1loss_test_npy_loss(int32 "^1[.]8333333333333333\n$" int32.npy ones_float32.npy)
l1loss_test_npy_loss(fortran_order "^0\n$" fortran_order.npy float64.npy)
l1loss_test_npy_loss(rows "^0[.]666666687\n3\n$" fortran_order.npy ones_float32.npy --rows)
l1loss_test_npy_loss(weights "^2[.]66666675\n$" float32.npy ones_float32.npy --weights float16.npy)
l1loss_test_npy_loss(weights.float64 "^2[.]6666666666666665\n$" float32.npy ones_float32.npy --weights float64.npy)
l1loss_test_npy_loss(mask "^2\n$" float32.npy ones_float32.npy --mask mask.npy)
l1loss_test_npy_loss(mask.rows "^1\n4\n$" float16.npy ones_float64.npy --mask mask.npy --weights float64.npy --rows)
l1loss_test_npy_loss(npz "^1[.]83333337\n$" arrays.npz:x ones_float32.npy)
l1loss_test_npy_loss(npz.second "^0\n$" arrays.npz:three_dimensional arrays.npz:three_dimensional)

set(none ${CMAKE_CURRENT_BINARY_DIR}/none.npy)
l1loss_test_npy_loss(none "^$" float64.npy ones_float64.npy --reduction none --output ${none})
l1loss_test_npy_loss(none.values "^0\n$" ${none} abs_difference_float64.npy --reduction sum)
set_tests_properties(examples.npy_loss.none PROPERTIES FIXTURES_SETUP l1loss_none_npy)
set_tests_properties(examples.npy_loss.none.values PROPERTIES FIXTURES_REQUIRED l1loss_none_npy)

# ---- npy_loss: what it refuses.
function(l1loss_test_npy_loss_error test message)
    l1loss_test_example(npy_loss.error.${test} npy_loss 2 "^npy_loss: ${message}" ${ARGN})
endfunction()

set(pair float32.npy ones_float32.npy)
l1loss_test_npy_loss_error(no_arguments "INPUT is required")
l1loss_test_npy_loss_error(no_target "TARGET is required" float32.npy)
l1loss_test_npy_loss_error(option "The following argument was not expected: --bogus" ${pair} --bogus)
l1loss_test_npy_loss_error(reduction "l1loss: unknown reduction \"median\", expected" ${pair} --reduction median)
l1loss_test_npy_loss_error(no_output "no --output, expected one with --reduction none" ${pair} --reduction none)
l1loss_test_npy_loss_error(output_of_sum "--output with --reduction sum, expected one with none" ${pair} --reduction sum --output ${none})
l1loss_test_npy_loss_error(output_not_written "no_such/out.npy: not written" ${pair} --reduction none --output no_such/out.npy)

foreach(case IN ITEMS
    "missing:No such file or directory, expected an NPY file"
    "not_npy:not readable .*, expected an NPY file"
    "text:not readable .invalid typestring., expected an NPY file of"
    "version_3:not readable .*version., expected an NPY file"
    "no_bytes:ends too early .*, expected a header and all the data"
    "truncated_header:ends too early .*, expected a header and all the data"
    "truncated_data:ends too early .*, expected a header and all the data"
    "no_shape:not readable .the header has not the values that NumPy writes., expected an NPY file"
    "long_header:not readable .the header has more than 127 bytes., expected an NPY file"
    "big_endian:type >f4, expected float16, float32, float64, bool or an integer"
    "wrapping_size:shape .4611686018427387904, 2., expected one that fits in memory"
    "negative_extents:shape .*, expected one that fits in memory"
    "transposed_shape:shape .3, 2., expected shape .2, 3. as in float32.npy")
    string(REGEX MATCH "^([^:]+):(.*)$" matched "${case}")
    l1loss_test_npy_loss_error(${CMAKE_MATCH_1} "${CMAKE_MATCH_1}[.]npy: ${CMAKE_MATCH_2}" float32.npy ${CMAKE_MATCH_1}.npy)
endforeach()
l1loss_test_npy_loss_error(mask "int32[.]npy: type <i4, expected bool, int8 or uint8" ${pair} --mask int32.npy)
l1loss_test_npy_loss_error(weights "column[.]npy: shape .6, 1., expected shape .2, 3. as in float32.npy" ${pair} --weights column.npy)
l1loss_test_npy_loss_error(rows "scalar[.]npy: shape .., expected at least one dimension with --rows" scalar.npy scalar.npy --rows)
l1loss_test_npy_loss_error(rows_of_none "--rows with --reduction none, expected mean or sum" ${pair} --rows --reduction none --output ${none})
l1loss_test_npy_loss_error(no_member "arrays[.]npz:y: not readable .the member y is not there." arrays.npz:y float32.npy)
l1loss_test_npy_loss_error(compressed "compressed[.]npz:x: not readable .the member x is compressed" compressed.npz:x float32.npy)
l1loss_test_npy_loss_error(truncated_archive "truncated[.]npz:x: ends too early" truncated.npz:x float32.npy)
l1loss_test_npy_loss_error(no_archive "float32[.]npz:x: No such file" float32.npz:x float32.npy)
l1loss_test_npy_loss_error(first_file "big_endian[.]npy: type >f4, expected" big_endian.npy float32.npy)
