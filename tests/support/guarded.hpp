// Allocates memory between two pages that fault when touched.
#pragma once

#include <cstddef>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

namespace test {

/// Room for `capacity` elements. An array can end or begin at a guard page, so that one byte beyond it is a fault.
template <class T> class guarded {
public:
    explicit guarded(std::size_t capacity) : capacity_(capacity) {
        std::size_t const page = std::size_t(sysconf(_SC_PAGESIZE));
        inner_ = (capacity * sizeof(T) + page - 1) / page * page;
        outer_ = inner_ + 2 * page;
        void* const p = mmap(nullptr, outer_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) throw std::bad_alloc();
        base_ = static_cast<char*>(p);
        begin_ = base_ + page;
        if (mprotect(begin_, inner_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    }
    guarded(guarded const&) = delete;
    guarded& operator=(guarded const&) = delete;
    ~guarded() { munmap(base_, outer_); }

    /// n elements right before the second guard page, or right after the first.
    T* at_end(std::size_t n) const { return reinterpret_cast<T*>(begin_ + inner_) - n; }
    T* at_begin() const { return reinterpret_cast<T*>(begin_); }

private:
    std::size_t capacity_, inner_, outer_;
    char* base_;
    char* begin_;
};

} // namespace test
