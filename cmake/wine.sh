#!/bin/sh
# Runs a 64-bit Windows program under wine, as the emulator of x86_64-w64-mingw32.cmake.
#
#     wine.sh PREFIX PROGRAM [ARGUMENT…]     PREFIX is wine's folder, made if it is not there
#
# Output goes through a file, because wine's services would hold a pipe open for seconds after the program.
export WINEPREFIX="$1" WINEDEBUG=-all WINEDLLOVERRIDES=winedbg.exe= # with the debugger, a program that crashes may exit with 0
shift
out=$(mktemp)
trap 'rm -f "$out"' EXIT
/usr/lib/wine/wine64 "$@" >"$out" 2>&1
status=$?
cat "$out"
exit $status
