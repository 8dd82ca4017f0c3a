#include <iostream>

#include "words.hpp"

int main(int argc, char *argv[])
{
    std::cout << words() << ", told " << argv[argc - 1] << " by C++" << __cplusplus / 100 % 100 << '\n';
}
