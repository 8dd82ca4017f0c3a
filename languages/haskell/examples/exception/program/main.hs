main :: IO ()
main = do
  putStr "before"
  print (1 `div` (0 :: Int))
