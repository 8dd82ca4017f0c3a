<?php

namespace People;

trait Greets
{
    public function greet(): void
    {
        echo "Hello, $this->name!\n";
    }
}
