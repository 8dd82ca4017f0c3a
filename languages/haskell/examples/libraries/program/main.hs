{-# LANGUAGE OverloadedStrings #-}
{-# LANGUAGE TemplateHaskell #-}

module Main (main) where

import Control.Concurrent (forkIO)
import Control.Concurrent.STM (atomically, newEmptyTMVarIO, putTMVar, takeTMVar)
import Control.Monad.State (execState, modify)
import qualified Data.Map.Strict as Map
import qualified Data.Text as Text
import qualified Data.Text.IO as Text
import Language.Haskell.TH (integerL, litE)

main :: IO ()
main = do
  let word = "abracadabra" :: Text.Text
  print (Map.fromListWith (+) [(letter, 1 :: Int) | letter <- Text.unpack word])
  Text.putStrLn (Text.toUpper word)
  print $(litE (integerL (product [1 .. 5])))
  found <- newEmptyTMVarIO
  _ <- forkIO (atomically (putTMVar found (execState (mapM_ (modify . (+)) [20, 22]) (0 :: Int))))
  print =<< atomically (takeTMVar found)
