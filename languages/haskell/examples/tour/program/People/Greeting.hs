module People.Greeting (say) where

import People.Person (Person (name))

say :: Person -> IO ()
say person = putStrLn ("Hello, " ++ name person ++ "!")
