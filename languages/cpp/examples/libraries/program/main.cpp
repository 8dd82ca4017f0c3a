#include <bits/stdc++.h>

int main(int argc, char *argv[])
{
    auto root = std::async(std::launch::async, [=] { return std::sqrt(std::stod(argv[argc - 1])); });
    std::println("{:.4f} from another thread", root.get());
    std::println("in {}", std::filesystem::current_path().filename().string());
    std::println("called from {}", std::stacktrace::current().size() >= 2 ? "2 or more" : "nowhere");
}
