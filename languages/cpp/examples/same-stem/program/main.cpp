#include <iostream>

const char *left(), *right(), *self();

int main()
{
    std::cout << left() << ' ' << right() << ' ' << self() << '\n';
}
