<?php

function readline(?string $prompt = null): string|false
{
    echo $prompt;
    $line = fgets(STDIN);
    return $line === false ? false : preg_replace('/\r?\n$/D', '', $line);
}
