// Finds the row of a table that is nearest to a query, by the sum of absolute differences.
//
// The queries are rows of the table with noise, so the row is known. A plain double loop confirms each distance.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include <l1loss/l1loss.hpp>

using l1loss::reduction;

int main() {
    constexpr std::size_t rows = 2000, columns = 128, queries = 200;
    std::vector<float> table(rows * columns), query(columns), distances(rows);
    std::minstd_rand random;
    for (float& x : table) x = float(random() % 1024) / 1024;
    auto const prototypes = l1loss::strided(table.data(), {{rows, columns}, {columns, 1}}); // each extent with its stride

    bool good = true;
    double seconds = 0;
    for (std::size_t q = 0; q < queries; ++q) {
        std::size_t const wanted = q * 31 % rows;
        for (std::size_t i = 0; i < columns; ++i) query[i] = table[wanted * columns + i] + float((q + i * 5) % 17) / 64 - 0.125f;

        auto const begin = std::chrono::steady_clock::now();
        l1loss::l1_loss_rows<reduction::sum>(prototypes, l1loss::broadcast(query), distances);
        auto const nearest = std::size_t(std::ranges::min_element(distances) - distances.begin());
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

        double exact = 0;
        for (std::size_t i = 0; i < columns; ++i) exact += std::abs(double(table[nearest * columns + i]) - double(query[i]));
        good &= nearest == wanted && std::abs(distances[nearest] - exact) <= 1e-5 * exact;
        if (q == 0) {
            std::nth_element(distances.begin(), distances.begin() + 1, distances.end());
            std::printf("nearest row %zu at distance %.4f, the second at %.4f\n", nearest, exact, distances[1]);
        }
    }
    std::printf("%zu queries against %zu rows of %zu: %.1f ns a row\n", queries, rows, columns, 1e9 * seconds / (queries * rows));
    return good ? 0 : 1;
}
