#include <algorithm>
#include <expected>
#include <functional>
#include <iostream>
#include <print>
#include <string>
#include <vector>

std::expected<int, std::string> number(const std::string &word)
{
    try {
        return std::stoi(word);
    } catch (const std::exception &) {
        return std::unexpected(word + " is no number");
    }
}

int main()
{
    std::vector<int> numbers;
    for (std::string word; std::cin >> word;)
        if (const auto found = number(word))
            numbers.push_back(*found);
        else
            std::println("{}", found.error());
    std::println("the sum is {}", std::ranges::fold_left(numbers, 0, std::plus{}));
}
