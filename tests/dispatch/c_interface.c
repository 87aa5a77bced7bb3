/* A C99 program that calls every function of the compiled library.
 *
 * The loss of its elements is exact, so the expected values need no order of summation. It prints the instruction set in use,
 * because the tests run it under L1LOSS_ISA and on emulated CPUs. */
#include <math.h>
#include <stdio.h>
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
    expect(isnan(l1loss_mean_f32(x, NULL, N)) && isnan(l1loss_sum_f64(NULL, v, N)), "null");
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
    expect(l1loss_none_f32(x, y, N, NULL) == L1LOSS_NULL_POINTER, "null output");
    expect(l1loss_none_f32(x, y, N - 1, x + 1) == L1LOSS_OVERLAPS_INPUT, "overlap");
    expect(l1loss_backward_f32(x, y, N, (l1loss_reduction)7, 1, out) == L1LOSS_UNKNOWN_REDUCTION, "reduction");
    expect(l1loss_rows_f64(u, v, (size_t)-1, 2, L1LOSS_SUM, wide) == L1LOSS_TOO_MANY_ELEMENTS, "too many elements");
    expect(l1loss_set_isa("no such") == L1LOSS_UNKNOWN_ISA && l1loss_set_isa(NULL) == L1LOSS_NULL_POINTER, "set_isa");
    expect(strcmp(l1loss_status_text(L1LOSS_OK), "no error") == 0, "status_text");
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
    losses();
    short_elements(); /* the first call chooses the instruction set */
    printf("in use: %s\navailable:", l1loss_active_isa());
    for (k = 0; (isa = l1loss_available_isa(k)) != NULL; ++k) printf(" %s", isa);
    printf("\n");
    for (k = 0; (isa = l1loss_available_isa(k)) != NULL; ++k) {
        expect(l1loss_set_isa(isa) == L1LOSS_OK && strcmp(l1loss_active_isa(), isa) == 0, isa);
        losses();
        elements();
        gradients();
        rows();
        special();
        statuses();
    }
    return failures == 0 ? 0 : 1;
}
