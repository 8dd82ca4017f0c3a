int half(int number)
{
    return numbers / 2;
}
