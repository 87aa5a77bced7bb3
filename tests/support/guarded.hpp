// Allocates memory between two pages that fault when touched.
#pragma once

#include <cstddef>
#include <new>

#if defined(_WIN32)
#include <windows.h>
#undef near // a name of inputs.hpp
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace test {

#if defined(_WIN32)
inline std::size_t page_size() { return 4096; }
inline void* reserve(std::size_t bytes) { return VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_NOACCESS); }
inline bool make_usable(void* p, std::size_t bytes) { return VirtualAlloc(p, bytes, MEM_COMMIT, PAGE_READWRITE) != nullptr; }
inline void release(void* p, std::size_t) { VirtualFree(p, 0, MEM_RELEASE); }
#else
inline std::size_t page_size() { return std::size_t(sysconf(_SC_PAGESIZE)); }
inline void* reserve(std::size_t bytes) {
    void* const p = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? nullptr : p;
}
inline bool make_usable(void* p, std::size_t bytes) { return mprotect(p, bytes, PROT_READ | PROT_WRITE) == 0; }
inline void release(void* p, std::size_t bytes) { munmap(p, bytes); }
#endif

/// Room for `capacity` elements. An array can end or begin at a guard page, so that one byte beyond it is a fault.
template <class T> class guarded {
public:
    explicit guarded(std::size_t capacity) : capacity_(capacity) {
        std::size_t const page = page_size();
        inner_ = (capacity * sizeof(T) + page) / page * page; // one page at least: qemu refuses none
        outer_ = inner_ + 2 * page;
        base_ = static_cast<char*>(reserve(outer_));
        begin_ = base_ + page;
        if (base_ == nullptr || !make_usable(begin_, inner_)) throw std::bad_alloc();
    }
    guarded(guarded const&) = delete;
    guarded& operator=(guarded const&) = delete;
    ~guarded() { release(base_, outer_); }

    /// n elements right before the second guard page, or right after the first.
    T* at_end(std::size_t n) const { return reinterpret_cast<T*>(begin_ + inner_) - n; }
    T* at_begin() const { return reinterpret_cast<T*>(begin_); }

private:
    std::size_t capacity_, inner_, outer_;
    char* base_;
    char* begin_;
};

} // namespace test
