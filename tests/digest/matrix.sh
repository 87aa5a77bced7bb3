#!/bin/sh
# Compares the digest with golden/digest.txt for combinations of compiler, optimisation and flags, called cells.
#
#     sh tests/digest/matrix.sh          11 cells, in which any two of compiler, optimisation and flags meet, but for Clang 14, which has one.
#                                        By turns they have the functions of float, of double, and of other elements
#     sh tests/digest/matrix.sh all      all 63, with two more flags and all functions
#
# Three more cells are for other targets, if their compilers are found: 32-bit x86, and two on which xsimd has no registers, RISC-V
# and big-endian s390x. These two run under qemu.
#
# Only kernels.cpp is compiled anew for a cell of this machine. It is linked with the flags of the cell, as a program would be. Under -ffast-math
# the part `special` is left out. A cell that this CPU cannot run is only compiled.
#
#     CXXS                the compilers
#     JOBS                how many cells run at a time
#     L1LOSS_XSIMD_ROOT   another copy of xsimd
#     WORK                the folder of the programs
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${CXXS:=g++ clang++-14 clang++-19}" "${JOBS:=2}" "${L1LOSS_XSIMD_ROOT:=}" "${WORK:=$here/../../build/digest}"
export L1LOSS_XSIMD_ROOT WORK

# Runs one cell, COMPILER FLAGS…, and prints its line. Exit status 255 makes xargs stop.
if [ "${1:-}" = cell ]; then
    shift
    out=$WORK/$(echo "$*" | tr -c 'a-zA-Z0-9\n' _)
    start=$(date +%s)
    run= walk=$WORK/walk.o static=
    case $1 in *-linux-gnu-g++) run=qemu-${1%%-*} walk=$here/walk.cpp static=-static ;; esac
    case $1 in i686-*) run= ;; esac # an x86-64 kernel runs it
    "$@" -std=c++20 "-I$here/../../include" ${L1LOSS_XSIMD_ROOT:+-isystem "$L1LOSS_XSIMD_ROOT/include"} \
        $static "$here/kernels.cpp" "$walk" -o "$out" || { echo "$*: does not compile"; exit 255; }
    seconds=$(($(date +%s) - start))
    needs=
    parts='finite special' types='[a-z]*'
    case $* in *ONLY=float*) types=float ;; *ONLY=double*) types=double ;; *ONLY=other*) types=element ;; esac
    case $* in *x86-64-v4*) needs=avx512bw ;; *avx2*) needs=avx2 ;; esac
    case $* in *fast-math* | *-Ofast*) parts=finite ;; esac
    if [ "$needs" ] && ! grep -qw "$needs" /proc/cpuinfo; then
        echo "$*: compiled in $seconds s, but not run: this CPU has no $needs"
        exit 0
    fi
    for part in $parts; do
        $run "$out" "$part" >"$out.txt" || { echo "$*: fails"; exit 255; }
        grep "^$part \($types\) " "$here/../golden/digest.txt" >"$out.expected"
        if ! difference=$(grep "^$part \($types\) " "$out.txt" | diff "$out.expected" -); then
            echo "$*: differs first in $(echo "$difference" | sed -n 's/^> //p' | head -n 1)"
            exit 255
        fi
    done
    rm "$out" # each takes some megabytes
    echo "$*: agrees in $parts, $(wc -l <"$out.expected") functions, compiled in $seconds s"
    exit 0
fi

mkdir -p "$WORK"
flags=':-mavx2 -mfma -ffp-contract=fast:-march=native:-ffast-math:-ffast-math -mavx2 -mfma'
[ "${1:-}" != all ] || flags=$flags:-mavx2:-march=x86-64-v4
k=0
for cxx in $CXXS; do
    i=0
    for optimisation in -O0 -O2 -O3; do
        j=0
        echo "$flags" | tr : '\n' | while read -r flag; do
            square=$(((i + j + k) % 3)) # a Latin square
            case $cxx$flag in clang++-14-mavx2*) ;; clang++-14*) square=1 ;; esac
            if [ "${1:-}" = all ] || [ $square = 0 ]; then
                case $cxx$optimisation$flag in # -Ofast implies both and a little more. Clang 19 warns of it
                g++-O3-ffast-math* | clang++-14-O3-ffast-math*) echo "$cxx -Ofast ${flag#-ffast-math}" ;;
                *) echo "$cxx $optimisation $flag" ;;
                esac
            fi
            j=$((j + 1))
        done
        i=$((i + 1))
    done
    k=$((k + 1))
done | if [ "${1:-}" = all ]; then cat; else awk '{split("other_elements float double", type); print $0, "-DL1LOSS_DIGEST_ONLY=" type[int(NR / 2) % 3 + 1]}'; fi >"$WORK/cells"
for cell in 'i686-linux-gnu-g++ -O0 -msse2 -mfpmath=sse -mno-mmx -Wno-psabi -DL1LOSS_DIGEST_ONLY=double' 'riscv64-linux-gnu-g++ -O2 -DL1LOSS_DIGEST_ONLY=float' \
            's390x-linux-gnu-g++ -O3 -ffast-math -DL1LOSS_DIGEST_ONLY=float'; do
    if command -v "${cell%% *}" >/dev/null; then echo "$cell" >>"$WORK/cells"; fi
done

${CXXS%% *} -std=c++20 -O2 -c "$here/walk.cpp" -o "$WORK/walk.o"
xargs -P "$JOBS" -I{} sh -c "sh '$here/matrix.sh' cell {}" <"$WORK/cells" | tee "$WORK/lines" || true
agree=$(grep -c ': agrees' "$WORK/lines" || true)
compiled=$(grep -c 'but not run' "$WORK/lines" || true)
echo "$agree of $(wc -l <"$WORK/cells") cells agree, $compiled more compile but cannot run here"
[ $((agree + compiled)) = "$(wc -l <"$WORK/cells")" ]
