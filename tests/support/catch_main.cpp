// The main of the tests, where the one that is installed is for another machine.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
