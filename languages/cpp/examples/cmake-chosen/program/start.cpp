#include <iostream>

int main()
{
    std::cout << NAME << '\n';
}
