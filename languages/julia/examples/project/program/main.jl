using Shapes

println(Shapes.area(3, 4))
