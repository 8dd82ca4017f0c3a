#include <iostream>

int main(int argc, char *argv[])
{
    std::cout << "made by C++" << __cplusplus / 100 % 100 << ": " << argv[argc - 1] << '\n';
}
