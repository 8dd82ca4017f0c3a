import System.Environment (getArgs)

main :: IO ()
main = do
  putStrLn "größer ≥ 東京 🙂"
  given <- getArgs
  putStrLn (show (length given) ++ ": " ++ unwords (map (\argument -> "[" ++ argument ++ "]") given))
