#pragma once

#include <string>

class Person {
public:
    Person(std::string name, unsigned age);

    void greet(int times) const;
    unsigned age_in(unsigned years) const;

private:
    std::string name_;
    unsigned age_;
};
