module Shapes

area(width, height) = width * height

end
