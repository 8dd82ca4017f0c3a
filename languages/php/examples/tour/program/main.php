<?php

require __DIR__ . "/people/Person.php";

use People\Person;

$times = (int) ($argv[1] ?? 1);
$name = readline("What is your name? ");
$person = new Person($name, (int) readline("How old are you? "));
for ($count = 0; $count < $times; $count++) {
    $person->greet();
}
echo "In 10 years you will be {$person->ageIn(10)}.\n";
