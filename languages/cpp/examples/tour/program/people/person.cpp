#include "person.hpp"

#include <iostream>
#include <utility>

Person::Person(std::string name, unsigned age) : name_{std::move(name)}, age_{age}
{
}

void Person::greet(int times) const
{
    while (times-- > 0)
        std::cout << "Hello, " << name_ << "!\n";
}

unsigned Person::age_in(unsigned years) const
{
    return age_ + years;
}
