#!/bin/sh
# Builds the fuzz targets of this folder. Runs each on its corpus, then on new inputs for some seconds.
#
#     sh tests/fuzz/run.sh [SECONDS [TARGET…]]    targets: loss gradient elements parts compiled npy_loss
#     CXX=g++ sh tests/fuzz/run.sh                on random inputs; Clang's are guided by coverage
#
# A finding is an input on which the target stops. Run WORK/TARGET FILE again with it.
#
#     FLAGS     the instruction set
#     JOBS      how many targets are built and run at a time
#     LIBRARY   the compiled library for the target `compiled`
#     WORK      the folder of the programs and of what they find
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${CXX:=clang++-19}" "${FLAGS:=-mavx2 -mfma -mf16c}" "${JOBS:=2}" "${WORK:=$here/../../build/fuzz}"
: "${LIBRARY:=$here/../../build/test/src/libl1loss_dispatch.a}" "${SEED:=1}"
export CXX FLAGS WORK LIBRARY SEED ASAN_OPTIONS=detect_leaks=0

# Builds and runs one target: target NAME SECONDS. Exit status 255 makes xargs stop.
if [ "${1:-}" = target ]; then
    program=$WORK/$2 start=$(date +%s)
    sanitizers=-fsanitize=address,undefined,float-cast-overflow driver=$here/driver.cpp objects=
    case $CXX in clang*) sanitizers=-fsanitize=fuzzer,address,undefined,float-cast-overflow driver= ;; esac
    flags="-std=c++20 -g1 -I$here/../../include $sanitizers -fno-sanitize-recover=all $FLAGS"
    case $2 in
    compiled) objects=$LIBRARY ;;
    npy_loss)
        objects=$program.o
        $CXX $flags -D_GLIBCXX_ASSERTIONS -c "$here/../../examples/npy_loss.cpp" -o "$objects" || exit 255
        objcopy --redefine-sym main=npy_loss_main "$objects"
        ;;
    esac
    $CXX $flags "$here/$2.cpp" $driver $objects -o "$program" || exit 255
    echo "$2: compiled in $(($(date +%s) - start)) s"
    mkdir -p "$program.corpus"
    case $CXX in
    clang*) "$program" -max_total_time="$3" -max_len=512 -seed="$SEED" -print_final_stats=1 -artifact_prefix="$program." \
        "$program.corpus" "$here/corpus/$2" >"$program.txt" 2>&1 ;;
    *) "$program" "$3" "$SEED" "$here/corpus/$2"/* >"$program.txt" 2>&1 ;;
    esac || { tail -n 40 "$program.txt"; exit 255; }
    echo "$2: $(grep -E '^stat::(number_of_executed_units|average_exec_per_sec)|random inputs' "$program.txt" | tr '\n' ' ')"
    exit 0
fi

seconds=${1:-10}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- loss gradient elements parts compiled npy_loss
mkdir -p "$WORK"
printf '%s\n' "$@" | xargs -P "$JOBS" -I{} sh "$here/run.sh" target {} "$seconds"
