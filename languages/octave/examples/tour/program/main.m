times = str2double (argv (){1});
name = input ("What is your name? ", "s");
person = people.make (name, input ("How old are you? "));
for i = 1:times
  disp (people.greeting (person))
end
printf ("In 10 years you will be %d.\n", people.age_in (person, 10));
