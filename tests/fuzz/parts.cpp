// Fuzzes accumulators, with chunks of any lengths and parts merged in any grouping, their bytes, and long calls on an executor.
#include <l1loss/accumulator.hpp>
#include <l1loss/exceeds.hpp>
#include <l1loss/parallel.hpp>

#include "arguments.hpp"

using namespace fuzz;
using l1loss::reduction;

namespace {

template <class T> void append(std::vector<T>& all, std::vector<T> const& next) { all.insert(all.end(), next.begin(), next.end()); }

/// Adds a chunk to an accumulator, and to the call that all chunks together are.
template <class E, class Loss, class A> void add_chunk(choices& c, shape s, Loss& loss, reference::call<A>& whole) {
    arguments<E, E, E, 2, std::integral<E> ? 2 : std::is_same_v<E, float> ? 7 : 3> a(c, s);
    a.options = (a.options & 6u) | unsigned(whole.is_weighted);
    bool const done = succeeds(a.fails(), [&] {
        a.pass_to([&](auto, auto const& x, auto const& y, auto const&... options) { loss.update(x, y, options...); });
    });
    if (!done) return;
    auto const chunk = a.template call<A>();
    for (std::size_t i = 0; i < chunk.size(); ++i) whole.mask.push_back(chunk.counts(i));
    append(whole.input, chunk.input), append(whole.target, chunk.target), append(whole.weights, chunk.weights);
}

template <class T, class E = T> void accumulate(choices& c) {
    using accumulator = l1loss::l1_accumulator<T>;
    constexpr std::size_t block = reference::block<T>;
    auto const maybe_through_bytes = [&](accumulator& loss) {
        if (c.below(4) != 0) return;
        std::vector<std::byte> bytes(loss.max_bytes);
        bytes.resize(loss.to_bytes(bytes));
        bytes.shrink_to_fit(); // so that reading beyond them is found
        loss = accumulator::from_bytes(bytes);
    };
    std::size_t const first_block = c.below(3) == 0 ? c.below(300) : 0, parts = 1 + c.below(4);
    reference::call<T> whole{{}, {}, {}, {}, false, c.below(2) != 0};
    std::vector<accumulator> losses;
    for (std::size_t part = 0; part < parts; ++part) {
        losses.emplace_back(first_block * block + whole.size());
        for (std::size_t chunks = c.below(4); chunks > 0; --chunks) {
            add_chunk<E>(c, c.any_shape(), losses.back(), whole);
            maybe_through_bytes(losses.back());
        }
    }
    while (losses.size() > 1) {
        std::size_t const at = c.below(losses.size() - 1);
        losses[at].merge(losses[at + 1]);
        losses.erase(losses.begin() + std::ptrdiff_t(at + 1));
        maybe_through_bytes(losses[at]);
    }
    accumulator const& loss = losses[0];
    auto const e = reference::loss(whole, first_block);
    if (!same_bits(loss.sum(), e.sum)) wrong("sum of parts", whole.size(), loss.sum(), e.sum);
    if (!same_bits(loss.mean(), e.mean)) wrong("mean of parts", whole.size(), loss.mean(), e.mean);
    if (loss.count() != e.count) wrong("count of parts", loss.count(), e.count);
    if (loss.last_index() != first_block * block + whole.size()) wrong("last_index", loss.last_index(), whole.size());
}

/// Integers have an exact sum, as in double.
void accumulate_integers(choices& c) {
    l1loss::l1_accumulator<std::uint64_t> all, part;
    reference::call<double> whole;
    for (std::size_t chunks = c.below(6); chunks > 0; --chunks) {
        part.reset();
        add_chunk<std::int16_t>(c, c.any_shape(), part, whole);
        all.merge(part);
    }
    auto const e = reference::loss(whole);
    if (double(all.sum()) != e.sum || all.count() != e.count) wrong("sum of integers", all.sum(), e.sum, all.count(), e.count);
    if (!same_bits(all.mean(), float(e.mean))) wrong("mean of integers", all.mean(), e.mean);
}

/// Bytes that are a state but for some, or are none at all. What is accepted can be used.
template <class T> void read_hostile_bytes(choices& c) {
    using accumulator = l1loss::l1_accumulator<T>;
    std::vector<std::byte> bytes(accumulator::max_bytes);
    accumulator loss(c.below(3) == 0 ? c.below(2000) : 0);
    std::vector<T> const x(c.below(3000), 1), y(x.size());
    if (c.below(2) != 0) loss.update(x, y, l1loss::weights(x));
    else loss.update(x, y);
    bytes.resize(loss.to_bytes(bytes));
    for (std::size_t changes = c.below(5); changes > 0; --changes) {
        std::size_t const at = c.below(2) != 0 ? c.below(48) : c.below(65536);
        if (at < bytes.size()) bytes[at] = std::byte(c.below(256));
    }
    if (c.below(8) == 0) bytes.resize(c.below(bytes.size() + 100));
    bytes.shrink_to_fit();
    try {
        loss = accumulator::from_bytes(bytes);
    } catch (std::invalid_argument const&) {
        return;
    }
    std::vector<std::byte> again(bytes.size());
    if (loss.to_bytes(again) != bytes.size()) wrong("bytes of a state", again.size(), bytes.size());
    accumulator next(loss.last_index());
    try {
        next.update(x, y);
        loss.merge(next);
        loss.update(x, y);
    } catch (std::invalid_argument const&) { // the last index, or mixed weights
    }
    (void)loss.mean();
}

/// So many elements that tasks share them, and that a threshold may be exceeded early. Tasks run in an order that the bytes choose.
void share(choices& c) {
    std::size_t const step = 1 + 2 * c.below(32), what = c.below(4);
    arguments<float, float, float, 1, 6> const a(c, {1, (std::size_t{1} << 17) + c.below(3) * 40000 + c.length()});
    auto const executor = [&](std::size_t tasks, l1loss::indexed_task task) {
        for (std::size_t i = 0; i < 64; ++i)
            if (i * step % 64 < tasks) task(i * step % 64);
    };
    auto const call = a.call<float>();
    auto const e = reference::loss(call);
    output<float> const out(c, a.all);
    bool const has_output = what == 1 || what == 2;
    float const near[] = {e.mean, std::nextafter(e.mean, 0.f), std::nextafter(e.mean, HUGE_VALF), e.mean / 7, e.mean * 7};
    float const threshold = c.of(near);
    a.pass_to([&](auto k, auto const& x, auto const& y, auto const&... options) {
        float result = e.mean;
        bool const done = succeeds(a.fails() || (has_output && out.fails()), [&] {
            if (what == 0) result = l1loss::l1_loss(executor, x, y, options...);
            if (what == 1) l1loss::l1_loss<reduction::none>(executor, x, y, out.as(k), options...);
            if (what == 2) result = l1loss::l1_loss_with_gradient(executor, x, y, out.as(k), options...);
            if (what == 3 && l1loss::l1_exceeds(x, y, threshold, options...) != !(e.mean <= threshold))
                wrong("exceeds", a.all.size(), e.mean, threshold);
        });
        if (!same_bits(result, e.mean)) wrong("mean of tasks", what, result, e.mean);
        if (has_output) out.check("tasks", done, what == 1 ? e.none : reference::gradient(call, {1.f}, e.denominator));
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n) {
    choices c(bytes, n);
    std::size_t const what = c.below(256);
    if (what == 255) share(c);
    else if (what % 8 == 1) accumulate<double>(c);
    else if (what % 8 == 2) accumulate_integers(c);
    else if (what % 8 == 3) accumulate<float, l1loss::float16_t>(c);
    else if (what % 16 == 4) read_hostile_bytes<float>(c);
    else if (what % 16 == 12) read_hostile_bytes<double>(c);
    else accumulate<float>(c);
    return 0;
}
