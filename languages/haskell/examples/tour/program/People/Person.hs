module People.Person (Person (..), ageIn) where

data Person = Person {name :: String, age :: Int}

ageIn :: Int -> Person -> Int
ageIn years person = age person + years
