# Defines the target docs, which makes the site in build/…/docs/html. Warnings are errors.
#
# Debian's packages are doxygen, python3-sphinx, python3-breathe, python3-myst-parser and python3-sphinx-rtd-theme.
find_program(L1LOSS_DOXYGEN doxygen DOC "Reads the contracts of the headers")
find_program(L1LOSS_SPHINX_BUILD sphinx-build DOC "Makes the site")
if(NOT L1LOSS_DOXYGEN OR NOT L1LOSS_SPHINX_BUILD)
    message(STATUS "doxygen or sphinx-build was not found: there is no target docs")
    return()
endif()
set(site ${PROJECT_BINARY_DIR}/docs)
# The filter removes macros that doxygen does not know, and keeps < in a sentence from being a tag.
file(CONFIGURE OUTPUT ${site}/Doxyfile CONTENT [[
INPUT = include/l1loss
RECURSIVE = NO
EXCLUDE = include/l1loss/l1loss.h
EXCLUDE_SYMBOLS = *::detail detail *::detail::*
OUTPUT_DIRECTORY = @site@
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
XML_PROGRAMLISTING = NO
QUIET = YES
WARN_IF_UNDOCUMENTED = NO
WARN_AS_ERROR = FAIL_ON_WARNINGS
AUTOLINK_SUPPORT = NO
INPUT_FILTER = "sed -e 's/::inline L1LOSS_FLAGS//; s/L1LOSS_INLINE //; /^ *[/][/][/] [^ ]/s/</\\\</g'"
]] @ONLY)
add_custom_target(docs COMMENT "The site: ${site}/html/index.html" VERBATIM
    COMMAND ${L1LOSS_DOXYGEN} ${site}/Doxyfile
    COMMAND ${L1LOSS_SPHINX_BUILD} -q -W --keep-going -b html -D breathe_projects.l1loss=${site}/xml ${PROJECT_SOURCE_DIR}/docs ${site}/html
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
