<?php

namespace People;

require_once "Greets.php";

class Person
{
    use Greets;

    public function __construct(public readonly string $name, public readonly int $age) {}

    public function ageIn(int $years): int
    {
        return $this->age + $years;
    }
}
