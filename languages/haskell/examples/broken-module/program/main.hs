import Shapes.Half (half)

main :: IO ()
main = print half
