from polykernel_helpers.drawing import Canvas, Color, Colors

canvas = Canvas(300, 200, bgcolor=Color(240, 248, 255))
turtle = canvas.create_turtle()
turtle.penup()
turtle.setpos(-60, -20)
turtle.pendown()
canvas.begin_fill(Colors.Yellow)
for _ in range(5):
    turtle.forward(120)
    turtle.right(144)
canvas.end_fill()
canvas.show()
