import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, get, rm, rmdir

required_conan_version = ">=2.0"


class L1lossConan(ConanFile):
    name = "l1loss"
    description = "The L1 loss (mean absolute error) with the same bits at compile time and on every SIMD width"
    license = "BSD-3-Clause"
    url = "https://github.com/conan-io/conan-center-index"
    homepage = "https://github.com/l1loss/l1loss"
    topics = ("l1-loss", "mean-absolute-error", "simd", "reproducible", "header-only")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"dispatch": [True, False], "shared": [True, False], "fPIC": [True, False]}
    default_options = {"dispatch": False, "shared": False, "fPIC": True}
    implements = ["auto_shared_fpic"]

    def configure(self):
        if not self.options.dispatch:
            self.options.rm_safe("shared")
            self.options.rm_safe("fPIC")
            self.package_type = "header-library"

    def layout(self):
        cmake_layout(self, src_folder="src")

    def requirements(self):
        self.requires("xsimd/13.0.0", transitive_headers=True)

    def package_id(self):
        if not self.info.options.dispatch:
            self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.25]")

    def source(self):
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in ("BENCH", "EXAMPLES", "TESTS"):
            toolchain.cache_variables[f"L1LOSS_BUILD_{part}"] = False
        toolchain.cache_variables["L1LOSS_BUILD_DISPATCH"] = bool(self.options.dispatch)
        toolchain.cache_variables["L1LOSS_INSTALL"] = True
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        rmdir(self, os.path.join(self.package_folder, "share"))
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        if self.options.dispatch:  # both kinds are built, and a linker would prefer the shared one
            others = ["libl1loss_dispatch.a"] if self.options.shared else ["*.so*", "*.dylib", "*.dll*"]
            for folder in ("lib", "bin"):
                for pattern in others:
                    rm(self, pattern, os.path.join(self.package_folder, folder))

    def package_info(self):
        headers = self.cpp_info.components["headers"]
        headers.set_property("cmake_target_name", "l1loss::l1loss")
        headers.set_property("pkg_config_name", "l1loss")
        headers.bindirs = []
        headers.libdirs = []
        headers.requires = ["xsimd::xsimd"]
        if self.options.dispatch:
            dispatch = self.cpp_info.components["dispatch"]
            dispatch.set_property("cmake_target_name", "l1loss::dispatch")
            dispatch.set_property("pkg_config_name", "l1loss_dispatch")
            dispatch.libs = ["l1loss_dispatch"]
            if self.settings.os == "Windows" and self.options.shared:
                dispatch.defines = ["L1LOSS_SHARED"]
