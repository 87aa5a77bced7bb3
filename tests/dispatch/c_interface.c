/* A C99 program that calls every function of the compiled library.
 *
 * The loss of its elements is exact, so the expected values need no order of summation. It prints the instruction set in use,
 * because the tests run it under L1LOSS_ISA and on emulated CPUs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l1loss/l1loss.h>

#define N 1000 /* not a multiple of a line, a stripe or a block of floats */

static int failures = 0;

static void expect(int is_right, char const* what) {
    if (is_right) return;
    ++failures;
    printf("wrong: %s\n", what);
}

static float x[N], y[N], out[N];
static double u[N], v[N], wide[N];

static void losses(void) {
    /* |x - y| is 0, 1, …, 9, again and again: the mean is 4.5 and the sum 4500 */
    expect(l1loss_mean_f32(x, y, N) == 4.5f, "mean_f32");
    expect(l1loss_sum_f32(x, y, N) == 4500.0f, "sum_f32");
    expect(l1loss_mean_f64(u, v, N) == 4.5, "mean_f64");
    expect(l1loss_sum_f64(u, v, N) == 4500.0, "sum_f64");
    expect(isnan(l1loss_mean_f32(NULL, NULL, 0)) && l1loss_sum_f64(NULL, NULL, 0) == 0, "no elements");
    expect(isnan(l1loss_mean_f32(x, NULL, 1)) && isnan(l1loss_sum_f64(NULL, v, 1)), "null");
    expect(isnan(l1loss_mean_f32(NULL, y, N)) && isnan(l1loss_sum_f64(u, NULL, N)), "the other is null");
}

static void short_elements(void) {
    /* |h - k| is 1, 1, … as 2 - 1 in half and in bfloat16, and |a - b| is 255, 255, … */
    static uint16_t h[N], k[N], c[N], d[N];
    static uint8_t a[N], b[N];
    static int8_t e[N], f[N];
    float row[2] = {0, 0};
    int i;
    for (i = 0; i < N; ++i) {
        h[i] = 0x4000, k[i] = 0x3c00, c[i] = 0x4000, d[i] = 0x3f80;
        a[i] = i % 2 ? 255 : 0, b[i] = i % 2 ? 0 : 255, e[i] = -128, f[i] = 127;
    }
    expect(l1loss_mean_f16(h, k, N) == 1 && l1loss_sum_f16(h, k, N) == N, "f16");
    expect(l1loss_mean_bf16(c, d, N) == 1 && l1loss_sum_bf16(c, d, N) == N, "bf16");
    expect(l1loss_mean_u8(a, b, N) == 255 && l1loss_sum_u8(a, b, N) == 255 * N, "u8");
    expect(l1loss_mean_i8(e, f, N) == 255 && l1loss_sum_i8(e, f, N) == 255 * N, "i8");
    expect(l1loss_mean_u16(h, k, N) == 1024 && l1loss_sum_u16(h, k, N) == 1024 * N, "u16");
    expect(l1loss_rows_u8(a, b, 2, N / 2, L1LOSS_SUM, row) == L1LOSS_OK && row[1] == 255 * N / 2, "rows_u8");
    expect(l1loss_rows_f16(h, k, 2, N / 2, L1LOSS_MEAN, row) == L1LOSS_OK && row[0] == 1, "rows_f16");
    expect(l1loss_sum_u8(NULL, b, N) == UINT64_MAX && isnan(l1loss_mean_f16(h, NULL, N)), "null, of short elements");
}

/* The weights are 1, 2, 1, 2, …, so that odd differences count double. The mask selects the first half. */
static void selections(void) {
    static float w[N];
    static double wide_w[N];
    static unsigned char mask[N];
    size_t count = 0, wide_count = 0;
    int i;
    for (i = 0; i < N; ++i) w[i] = wide_w[i] = 1 + i % 2, mask[i] = i < N / 2;
    expect(l1loss_weighted_sum_f32(x, y, w, NULL, N, &count) == 7000 && count == N, "weighted_sum_f32");
    expect(l1loss_weighted_mean_f64(u, v, wide_w, mask, N, &wide_count) == 3500 / 750. && wide_count == N / 2, "weighted_mean_f64");
    expect(l1loss_weighted_mean_f32(x, y, NULL, mask, N, NULL) == 4.5f, "weighted_mean_f32");
    expect(l1loss_weighted_sum_f64(u, v, NULL, mask, N, NULL) == 2250, "weighted_sum_f64");
    expect(l1loss_mean_exceeds_f32(x, y, N, 4.49f) && !l1loss_mean_exceeds_f32(x, y, N, 4.5f), "mean_exceeds_f32");
    expect(l1loss_sum_exceeds_f32(x, y, N, 4499) && !l1loss_sum_exceeds_f32(x, y, N, 4500), "sum_exceeds_f32");
    expect(l1loss_mean_exceeds_f64(u, v, N, 4.49) && !l1loss_mean_exceeds_f64(u, v, N, 4.5), "mean_exceeds_f64");
    expect(l1loss_sum_exceeds_f64(u, v, N, 4499) && !l1loss_sum_exceeds_f64(u, v, N, 4500), "sum_exceeds_f64");
}

static void elements(void) {
    int i, is_right = l1loss_none_f32(x, y, N, out) == L1LOSS_OK && l1loss_none_f64(u, v, N, wide) == L1LOSS_OK;
    for (i = 0; i < N; ++i) is_right = is_right && out[i] == (float)(i % 10) && wide[i] == i % 10;
    expect(is_right, "none");
}

static void gradients(void) {
    float loss = 0;
    double wide_loss = 0;
    int i, is_right = l1loss_backward_f32(x, y, N, L1LOSS_SUM, 0.5f, out) == L1LOSS_OK &&
                      l1loss_backward_f64(u, v, N, L1LOSS_MEAN, 1, wide) == L1LOSS_OK;
    for (i = 0; i < N; ++i) {
        double const sign = i % 10 == 0 ? 0 : i % 2 == 0 ? 1 : -1;
        is_right = is_right && out[i] == (float)(0.5 * sign) && wide[i] == sign / N;
    }
    expect(is_right, "backward");
    is_right = l1loss_with_gradient_f32(x, y, N, L1LOSS_MEAN, 1, out, &loss) == L1LOSS_OK &&
               l1loss_with_gradient_f64(u, v, N, L1LOSS_SUM, 2, wide, &wide_loss) == L1LOSS_OK;
    for (i = 0; i < N; ++i) {
        double const sign = i % 10 == 0 ? 0 : i % 2 == 0 ? 1 : -1;
        is_right = is_right && out[i] == (float)(sign / N) && wide[i] == 2 * sign;
    }
    expect(is_right && loss == 4.5f && wide_loss == 4500, "with_gradient");
}

/* Subnormal numbers, which a library linked with -ffast-math would flush in the whole program, and NaN, which the instruction sets
 * find by different code. */
static void special(void) {
    float const tiny[5] = {1e-40f, 1e-40f, 1e-40f, 1e-40f, 1e-40f}, zero[5] = {0}, none[5] = {1, 2, (float)NAN, 4, 5};
    double const wide_none[5] = {1, 2, NAN, 4, 5}, wide_zero[5] = {0};
    float const sum = l1loss_sum_f32(tiny, zero, 1); /* by its bits: a comparison may take a subnormal number for zero */
    expect(memcmp(&sum, tiny, sizeof sum) == 0 && l1loss_sum_f32(tiny, zero, 5) > 0, "subnormal");
    expect(isnan(l1loss_mean_f32(none, zero, 5)) && isnan(l1loss_sum_f64(wide_none, wide_zero, 5)), "NaN");
}

static void rows(void) {
    int i, is_right = l1loss_rows_f32(x, y, N / 10, 10, L1LOSS_MEAN, out) == L1LOSS_OK &&
                      l1loss_rows_f64(u, v, N / 10, 10, L1LOSS_SUM, wide) == L1LOSS_OK;
    for (i = 0; i < N / 10; ++i) is_right = is_right && out[i] == 4.5f && wide[i] == 45;
    expect(is_right, "rows");
}

static void statuses(void) {
    static char const* const texts[] = {"no error",
                                        "a pointer is null, expected one to elements",
                                        "the reduction is unknown, expected L1LOSS_MEAN or L1LOSS_SUM",
                                        "there are more elements than addresses",
                                        "an output overlaps input, expected other memory, or for one result per element the same",
                                        "an output overlaps target, expected other memory, or for one result per element the same",
                                        "two outputs overlap, expected different memory",
                                        "the name is of no instruction set of this library",
                                        "the instruction set is not supported by this machine or build",
                                        "no status of l1loss"};
    int i;
    for (i = 0; i < 10; ++i) expect(strcmp(l1loss_status_text((l1loss_status)i), texts[i]) == 0, texts[i]);
    expect(strcmp(l1loss_status_text((l1loss_status)-1), texts[9]) == 0, "the text of -1");
}

/* An output moves over input and over target. It may be exactly one of them for a result per element, and not otherwise. */
#define M 8
#define DEFINE_OVERLAPS(T, type)                                                                                                   \
    static void overlaps_##type(void) {                                                                                            \
        static T memory[2][3 * M], gradient[M], loss;                                                                              \
        T *const a = memory[0] + M, *const b = memory[1] + M;                                                                      \
        int k, i;                                                                                                                  \
        for (k = 0; k < 2; ++k)                                                                                                    \
            for (i = -M; i <= M; ++i) {                                                                                            \
                T* const to = memory[k] + M + i;                                                                                   \
                l1loss_status const overlap = k == 0 ? L1LOSS_OVERLAPS_INPUT : L1LOSS_OVERLAPS_TARGET;                             \
                l1loss_status const apart = i > -M && i < M ? overlap : L1LOSS_OK, same = i == 0 ? L1LOSS_OK : apart;              \
                l1loss_status const two = i > -2 && i < M ? overlap : L1LOSS_OK, one = i > -1 && i < M ? overlap : L1LOSS_OK;      \
                expect(l1loss_none_##type(a, b, M, to) == same, "overlap, none_" #type);                                           \
                expect(l1loss_backward_##type(a, b, M, L1LOSS_SUM, 1, to) == same, "overlap, backward_" #type);                    \
                expect(l1loss_with_gradient_##type(a, b, M, L1LOSS_SUM, 1, to, &loss) == same, "overlap, with_gradient_" #type);   \
                expect(l1loss_with_gradient_##type(a, b, M, L1LOSS_SUM, 1, gradient, to) == one, "overlap, loss of " #type);       \
                expect(l1loss_rows_##type(a, b, M, 1, L1LOSS_SUM, to) == apart, "overlap, rows_" #type " of one column");          \
                expect(l1loss_rows_##type(a, b, 2, M / 2, L1LOSS_SUM, to) == two, "overlap, two rows_" #type);                     \
            }                                                                                                                      \
        for (i = -1; i <= M; ++i)                                                                                                  \
            expect(l1loss_with_gradient_##type(a, b, M, L1LOSS_SUM, 1, memory[0], memory[0] + i + (i < 0) * 3 * M) ==              \
                       (i >= 0 && i < M ? L1LOSS_OUTPUTS_OVERLAP                                                                   \
                        : i == M        ? L1LOSS_OVERLAPS_INPUT                                                                    \
                                        : L1LOSS_OK),                                                                                     \
                   "overlap of the outputs of " #type);                                                                            \
        expect(l1loss_with_gradient_##type(a, b, 1, L1LOSS_SUM, 1, gradient, a) == L1LOSS_OVERLAPS_INPUT, "loss is input");        \
        expect(l1loss_with_gradient_##type(a, b, 1, L1LOSS_SUM, 1, gradient, b) == L1LOSS_OVERLAPS_TARGET, "loss is target");      \
        expect(l1loss_with_gradient_##type(a, b, 1, L1LOSS_SUM, 1, &loss, &loss) == L1LOSS_OUTPUTS_OVERLAP, "loss is gradient");   \
        expect(l1loss_rows_##type(a, b, 3, 0, L1LOSS_SUM, a - 1) == L1LOSS_OK, "rows without elements overlap nothing");           \
        for (k = 0; k < 3; ++k) { /* in place */                                                                                   \
            int is_right = 1;                                                                                                      \
            for (i = 0; i < M; ++i) a[i] = (T)i, b[i] = 2;                                                                         \
            if (k == 2) l1loss_none_##type(a, b, M, b);                                                                            \
            else l1loss_backward_##type(a, b, M, L1LOSS_SUM, 1, k == 0 ? a : b);                                                   \
            for (i = 0; i < M; ++i)                                                                                                \
                is_right = is_right && (k == 0 ? a : b)[i] == (k == 2 ? (i < 2 ? 2 - i : i - 2) : (i > 2) - (i < 2));              \
            expect(is_right, "in place, " #type);                                                                                  \
        }                                                                                                                          \
    }
DEFINE_OVERLAPS(float, f32)
DEFINE_OVERLAPS(double, f64)

/* Of the errors that apply, l1loss.h says which one is returned. The largest lengths are refused for other reasons. */
static void first_error(void) {
    l1loss_reduction const unknown = (l1loss_reduction)7;
    size_t const most = PTRDIFF_MAX / sizeof(float), too_many = most + 1;
    expect(l1loss_backward_f32(NULL, y, too_many, unknown, 1, y + 1) == L1LOSS_UNKNOWN_REDUCTION, "the reduction first");
    expect(l1loss_rows_f32(NULL, y, (size_t)-1, 2, unknown, y + 1) == L1LOSS_UNKNOWN_REDUCTION, "the reduction first");
    expect(l1loss_rows_f32(NULL, y, (size_t)-1, 2, L1LOSS_SUM, y + 1) == L1LOSS_TOO_MANY_ELEMENTS, "then the number of elements");
    expect(l1loss_rows_f32(NULL, NULL, too_many, 0, L1LOSS_SUM, NULL) == L1LOSS_TOO_MANY_ELEMENTS, "too many rows");
    expect(l1loss_rows_f32(NULL, NULL, 1, too_many, L1LOSS_SUM, NULL) == L1LOSS_TOO_MANY_ELEMENTS, "too many columns");
    expect(l1loss_rows_u8(NULL, NULL, too_many, 1, L1LOSS_SUM, NULL) == L1LOSS_TOO_MANY_ELEMENTS, "too many rows of bytes");
    expect(l1loss_none_f32(NULL, NULL, 0, NULL) == L1LOSS_OK, "null, of no elements");
    expect(l1loss_none_f32(NULL, y, 1, out) == L1LOSS_NULL_POINTER, "null input of one element");
    expect(l1loss_none_f32(x, NULL, 1, out) == L1LOSS_NULL_POINTER, "null target of one element");
    expect(l1loss_none_f32(x, y, 1, NULL) == L1LOSS_NULL_POINTER, "null output of one element");
    expect(l1loss_none_f32(NULL, NULL, most, NULL) == L1LOSS_NULL_POINTER, "the longest array");
    expect(l1loss_rows_f32(NULL, NULL, most, 0, L1LOSS_SUM, NULL) == L1LOSS_NULL_POINTER, "the most rows");
    expect(l1loss_backward_f32(NULL, y, N - 1, L1LOSS_SUM, 1, y + 1) == L1LOSS_NULL_POINTER, "then null, before an overlap");
    expect(l1loss_none_f32(y, y, N - 1, y + 1) == L1LOSS_OVERLAPS_INPUT, "input before target");
    expect(l1loss_with_gradient_f32(x, y, N - 1, L1LOSS_SUM, 1, y + 1, x) == L1LOSS_OVERLAPS_TARGET, "grad_input before loss");
    expect(l1loss_with_gradient_f32(x, y, N, L1LOSS_SUM, 1, y, y + 1) == L1LOSS_OVERLAPS_TARGET, "target before outputs");
}

/* Every name of l1loss.h, and names that only resemble one. A name that is refused changes nothing. */
static void names(void) {
    static char const* const right[] = {"sse2", "sse4.2", "avx", "avx2", "fma3+avx2", "avx512bw", "neon64"};
    static char const* const wrong[] = {"",       "s",       "sse",   "sse2 ",      " sse2",     "SSE2",      "sse4",
                                        "sse4_2", "avx512",  "fma3",  "fma3+avx",   "avx51",     "avx512bwx", "neon",
                                        "best",   "no such", "avx2,", "sse2\nsse2", "fma3_avx2", "neon64 "};
    char const* const before = l1loss_active_isa();
    size_t i, k;
    for (i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        expect(l1loss_set_isa(wrong[i]) == L1LOSS_UNKNOWN_ISA, wrong[i]);
        expect(l1loss_active_isa() == before, wrong[i]);
    }
    expect(l1loss_set_isa(NULL) == L1LOSS_NULL_POINTER && l1loss_active_isa() == before, "no name");
    for (i = 0; i < sizeof right / sizeof *right; ++i) {
#if defined(__aarch64__)
        l1loss_status expected = i < 6 ? L1LOSS_UNKNOWN_ISA : L1LOSS_OK;
#else
        l1loss_status expected = i < 6 ? L1LOSS_UNSUPPORTED_ISA : L1LOSS_UNKNOWN_ISA;
#endif
        for (k = 0; l1loss_available_isa(k) != NULL; ++k)
            if (strcmp(right[i], l1loss_available_isa(k)) == 0) expected = L1LOSS_OK;
        expect(l1loss_set_isa(right[i]) == expected, right[i]);
        expect(strcmp(l1loss_active_isa(), expected == L1LOSS_OK ? right[i] : before) == 0, right[i]);
        expect(l1loss_set_isa(before) == L1LOSS_OK, before);
    }
}

/* A hypervisor may hide any feature. Then every instruction set that needs it is not there, even if the CPU shows what is better.
 * libgcc keeps the features in memory, which a program with the static library shares. */
#if defined(L1LOSS_TEST_STATIC) && defined(__x86_64__) && defined(__linux__)
extern struct {
    unsigned vendor, type, subtype, features;
} __cpu_model;
static void hidden_features(void) {
    static unsigned const bits[] = {2, 8, 9, 10, 14, 15, 21, 22, 23}, needed_from[] = {1, 1, 2, 3, 4, 5, 5, 5, 5};
    unsigned const shown = (__builtin_cpu_init(), __cpu_model.features);
    unsigned i, all = 0, left;
    while (l1loss_available_isa(all) != NULL) ++all;
    for (i = 0; i < sizeof bits / sizeof *bits; ++i) {
        __cpu_model.features = shown & ~(1u << bits[i]);
        for (left = 0; l1loss_available_isa(left) != NULL;) ++left;
        expect(left == (needed_from[i] < all ? needed_from[i] : all), "available without a feature");
    }
    __cpu_model.features = shown;
}
#else
static void hidden_features(void) {}
#endif

/* The first call chooses what L1LOSS_ISA names, if that is available, and otherwise the best. */
static void first_choice(char const* chosen) {
    char const *const wanted = getenv("L1LOSS_ISA"), *expected = "", *isa;
    size_t k;
    for (k = 0; (isa = l1loss_available_isa(k)) != NULL; ++k)
        if (wanted == NULL || *wanted == '\0' || strcmp(wanted, expected) != 0) expected = isa;
    expect(strcmp(chosen, expected) == 0, "the first choice");
}

int main(void) {
    char const* isa;
    size_t k;
    int i;
    for (i = 0; i < N; ++i) {
        y[i] = (float)i / 4;
        x[i] = y[i] + (float)(i % 2 == 0 ? i % 10 : -(i % 10));
        v[i] = y[i];
        u[i] = x[i];
    }
    isa = l1loss_active_isa(); /* the first call chooses */
    printf("in use: %s\navailable:", isa);
    first_choice(isa);
    for (k = 0; (isa = l1loss_available_isa(k)) != NULL; ++k) printf(" %s", isa);
    printf("\n");
    for (k = 0; (isa = l1loss_available_isa(k)) != NULL; ++k) {
        expect(l1loss_set_isa(isa) == L1LOSS_OK && strcmp(l1loss_active_isa(), isa) == 0, isa);
        losses();
        selections();
        elements();
        gradients();
        rows();
        special();
        short_elements();
        overlaps_f32();
        overlaps_f64();
    }
    expect(l1loss_version() == L1LOSS_VERSION, "version");
    statuses();
    first_error();
    names();
    hidden_features();
    return failures == 0 ? 0 : 1;
}
