module Main (main) where

import Control.Monad (replicateM_)
import Data.Maybe (listToMaybe)
import qualified People.Greeting as Greeting
import People.Person (Person (Person), ageIn)
import System.Environment (getArgs)

ask :: String -> IO String
ask question = putStr (question ++ " ") >> getLine

main :: IO ()
main = do
  times <- maybe 1 read . listToMaybe <$> getArgs
  person <- Person <$> ask "What is your name?" <*> (read <$> ask "How old are you?")
  replicateM_ times (Greeting.say person)
  putStrLn ("In 10 years you will be " ++ show (ageIn 10 person) ++ ".")
