#include "words.hpp"

const char *words()
{
    return "from the library";
}
