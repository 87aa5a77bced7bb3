// The main function of the tests, for builds where the installed one is for another machine.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
