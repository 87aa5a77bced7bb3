# Reads the version of a library from the macros …_VERSION_MAJOR, …_MINOR and …_PATCH or …_REVISION of a header.
function(l1loss_read_version out header)
    file(STRINGS ${header} parts REGEX "define [A-Z0-9]+_VERSION_(MAJOR|MINOR|PATCH|REVISION) +[0-9]+$")
    list(TRANSFORM parts REPLACE ".* " "")
    list(JOIN parts . version)
    set(${out} ${version} PARENT_SCOPE)
endfunction()
