#include <iostream>
#include <string>

#include "people/person.hpp"

template <typename Answer>
Answer ask(std::string_view question)
{
    Answer answer;
    std::cout << question << ' ';
    if (!(std::cin >> answer)) {
        std::cerr << "that is no answer\n";
        std::exit(EXIT_FAILURE);
    }
    return answer;
}

int main(int argc, char *argv[])
{
    const auto name = ask<std::string>("What is your name?");
    const auto age = ask<unsigned>("How old are you?");
    const Person person{name, age};
    person.greet(argc > 1 ? std::stoi(argv[1]) : 1);
    std::cout << "In 10 years you will be " << person.age_in(10) << ".\n";
}
