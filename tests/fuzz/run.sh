#!/bin/sh
# Builds the fuzz targets of this folder. Runs each on its corpus, then on new inputs for some seconds. Clang needs libclang-rt-19-dev.
#
#     sh tests/fuzz/run.sh [SECONDS [TARGET…]]    targets: loss gradient elements parts compiled npy_loss
#     CXX=g++ sh tests/fuzz/run.sh                on random inputs; those of Clang are guided by coverage
#
# A target stops at its first finding, and Clang writes the input to WORK/TARGET.crash-…. To see it again, run WORK/TARGET on that file.
#
#     FLAGS     the instruction set
#     JOBS      how many targets are built and run at a time
#     LIBRARY   the compiled library for the target `compiled`
#     SEED      of the new inputs
#     WORK      the folder of the programs, and of the inputs that reach new code
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
: "${CXX:=clang++-19}" "${FLAGS:=-mavx2 -mfma -mf16c}" "${JOBS:=2}" "${SEED:=1}" "${WORK:=$root/build/fuzz}"
: "${LIBRARY:=$root/build/test/src/libl1loss_dispatch.a}"
export CXX FLAGS WORK LIBRARY SEED ASAN_OPTIONS=detect_leaks=0:alloc_dealloc_mismatch=0 # npy_loss.cpp replaces half of new

# Builds and runs one target: target NAME SECONDS. Exit status 255 makes xargs stop.
if [ "${1:-}" = target ]; then
    program=$WORK/$2 corpus=$here/corpus/$2 start=$(date +%s) driver= objects=
    # Without optimisation: each target would take minutes to compile. Tracing comparisons would take half of the time of a run.
    flags="-std=c++20 -g1 -I$root/include -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all $FLAGS"
    case $CXX in
    clang*) flags="$flags -fsanitize=fuzzer -fno-sanitize-coverage=trace-cmp -fsanitize-address-use-after-return=never" ;;
    *) driver=$here/driver.cpp ;;
    esac
    case $2 in
    compiled) objects=$LIBRARY ;;
    npy_loss)
        objects=$program.o corpus=$program.files
        $CXX $flags -D_GLIBCXX_ASSERTIONS -c "$root/examples/npy_loss.cpp" -o "$objects" || exit 255
        objcopy --redefine-sym main=npy_loss_main "$objects"
        mkdir -p "$corpus"
        for file in "$root"/examples/data/formats/*.npy; do { printf '\0\0'; cat "$file"; } >"$corpus/${file##*/}"; done
        ;;
    esac
    $CXX -std=c++20 -O2 -c "$here/reference.cpp" -o "$program.reference.o" || exit 255
    $CXX $flags "$here/$2.cpp" $driver $objects "$program.reference.o" -o "$program" || exit 255
    echo "$2: compiled in $(($(date +%s) - start)) s"
    mkdir -p "$program.corpus"
    case $CXX in
    clang*) "$program" -max_total_time="$3" -max_len=512 -seed="$SEED" -print_final_stats=1 -artifact_prefix="$program." \
        "$program.corpus" "$corpus" >"$program.txt" 2>&1 ;;
    *) "$program" "$3" "$SEED" "$corpus"/* >"$program.txt" 2>&1 ;;
    esac || { tail -n 40 "$program.txt"; exit 255; }
    echo "$2: $(grep -E '^stat::(number_of_executed_units|average_exec_per_sec)|random inputs' "$program.txt" | tr '\n' ' ')"
    exit 0
fi

seconds=${1:-10}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- loss gradient elements parts compiled npy_loss
mkdir -p "$WORK"
printf '%s\n' "$@" | xargs -P "$JOBS" -I{} sh "$here/run.sh" target {} "$seconds"
