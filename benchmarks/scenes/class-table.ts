/** The table of object classes and of the groups that must not be mixed, as plain text; classes.ts reads it. */

/**
 * name | plural | code point | fxemoji name | aliases, under a heading per category.
 *
 * Looked at in all four styles on 2026-11-24. Left out: faces, flags, symbols, pictures that hold two of a thing (corn, bananas,
 * sushi), plural nouns (glasses, scissors, jeans), scenes in a box (sailboat, ferris wheel, volcano) and classes whose styles
 * show different things (tennis ball and racket, keyboard and keyboard instrument).
 */
export const classTable = `
# animal
dog|dogs|1f415|dogside|
cat|cats|1f408|catside|kitten
horse|horses|1f40e|horse|pony
cow|cows|1f404|cow|
pig|pigs|1f416|pigside|
goat|goats|1f410|goat|
tiger|tigers|1f405|tigerside|
leopard|leopards|1f406|leopardside|cheetah,jaguar
mouse|mice|1f401|mouseside|rat
rabbit|rabbits|1f430|bunny|bunny,hare
elephant|elephants|1f418|elephant|
camel|camels|1f42b|bactriancamel|
monkey|monkeys|1f412|monkey|
koala|koalas|1f428|koala|koala bear
bear|bears|1f43b|bear|brown bear
panda|pandas|1f43c|pandaface|panda bear
wolf|wolves|1f43a|wolfface|
squirrel|squirrels|1f43f|chipmunk|chipmunk
crocodile|crocodiles|1f40a|crocodile|alligator
snake|snakes|1f40d|snake|
turtle|turtles|1f422|turtle|tortoise
whale|whales|1f40b|whale|
octopus|octopuses|1f419|octopus|
fish|fish|1f41f|fish|
dolphin|dolphins|1f42c|dolphin|
snail|snails|1f40c|snail|
ant|ants|1f41c|ant|
caterpillar|caterpillars|1f41b|bug|worm
bee|bees|1f41d|honeybee|honeybee,bumblebee
ladybug|ladybugs|1f41e|ladybeetle|ladybird,lady beetle
spider|spiders|1f577|spider|
chicken|chickens|1f413|rooster|rooster,cock,hen
chick|chicks|1f424|babychick|baby chick
penguin|penguins|1f427|penguin|
dove|doves|1f54a|doveofpeace|pigeon,bird
frog|frogs|1f438|frog|toad
seashell|seashells|1f41a|spiralshell|shell,conch
# food
tomato|tomatoes|1f345|tomato|
watermelon slice|watermelon slices|1f349|watermelon|watermelon
orange|oranges|1f34a|tangerine|tangerine,mandarin
lemon|lemons|1f34b|lemon|
pineapple|pineapples|1f34d|pineapple|
apple|apples|1f34e|redapple|red apple
pear|pears|1f350|pear|
peach|peaches|1f351|peach|
strawberry|strawberries|1f353|strawberry|
eggplant|eggplants|1f346|aubergine|aubergine
chili pepper|chili peppers|1f336|chilipepper|chili,chilli,hot pepper,pepper,red pepper
mushroom|mushrooms|1f344|mushroom|toadstool
chestnut|chestnuts|1f330|acorn|acorn,nut
hamburger|hamburgers|1f354|hamburger|burger,cheeseburger
pizza slice|pizza slices|1f355|sliceofpizza|pizza,slice of pizza
drumstick|drumsticks|1f357|poultryleg|chicken leg,chicken drumstick
rice ball|rice balls|1f359|riceball|onigiri
shrimp|shrimps|1f364|friedshrimp|prawn,fried shrimp
ice cream cone|ice cream cones|1f366|softicecream|ice cream,soft serve
doughnut|doughnuts|1f369|doughnut|donut
cookie|cookies|1f36a|cookie|biscuit
chocolate bar|chocolate bars|1f36b|chocolatebar|chocolate
candy|candies|1f36c|candy|sweet
lollipop|lollipops|1f36d|lollipop|candy
honey pot|honey pots|1f36f|honeypot|honey,honey jar,pot of honey
birthday cake|birthday cakes|1f382|birthdaycake|cake
knife|knives|1f52a|hocho|kitchen knife
cup|cups|2615|hotbeverage|coffee,coffee cup,cup of coffee,mug,tea,teacup
wine glass|wine glasses|1f377|wineglass|wine,glass of wine
cocktail glass|cocktail glasses|1f378|cocktailglass|cocktail,martini,martini glass
beer mug|beer mugs|1f37a|beermug|beer,glass of beer,mug of beer
baby bottle|baby bottles|1f37c|babybottle|bottle,milk bottle
frying pan|frying pans|1f373|cooking|pan,skillet
# plant
seedling|seedlings|1f331|seedling|sprout,plant
tree|trees|1f333|deciduoustree|
pine tree|pine trees|1f332|evergreen|evergreen,fir tree,evergreen tree,tree
palm tree|palm trees|1f334|palmtree|palm
cactus|cacti|1f335|cactus|
clover|clovers|1f340|fourleafclover|four-leaf clover,four leaf clover,shamrock
maple leaf|maple leaves|1f341|mapleleaf|leaf
tulip|tulips|1f337|tulip|flower
rose|roses|1f339|rose|flower
sunflower|sunflowers|1f33b|sunflower|flower
# sky
moon|moons|1f319|crescentmoon|crescent,crescent moon
sun|suns|2600|whitesun|
cloud|clouds|2601|cloud|
umbrella|umbrellas|2602|umbrella|
snowman|snowmen|26c4|snowmanwithoutsnow|
snowflake|snowflakes|2744|snowflake|
star|stars|2b50|star|
flame|flames|1f525|fire|fire
water drop|water drops|1f4a7|droplet|drop,droplet,raindrop
tornado|tornadoes|1f32a|tornado|
lightning bolt|lightning bolts|26a1|bolt|lightning,bolt,thunderbolt
thermometer|thermometers|1f321|thermometer|
# vehicle
motorcycle|motorcycles|1f3cd|motorcycle|motorbike
train|trains|1f682|steamlocomotive|locomotive,steam train,steam engine
bus|buses|1f68c|bus|
ambulance|ambulances|1f691|ambulance|
fire truck|fire trucks|1f692|fireengine|fire engine
police car|police cars|1f693|policecar|
taxi|taxis|1f695|taxi|cab
car|cars|1f697|automobile|automobile
truck|trucks|1f69a|deliverytruck|lorry,delivery truck
tractor|tractors|1f69c|tractor|
bicycle|bicycles|1f6b2|bicycle|bike
rocket|rockets|1f680|rocket|
helicopter|helicopters|1f681|helicopter|
airplane|airplanes|2708|airplane|plane,aeroplane,jet
speedboat|speedboats|1f6a4|speedboat|boat,motorboat
anchor|anchors|2693|anchor|
traffic light|traffic lights|1f6a6|verticaltrafficlight|stoplight
gas pump|gas pumps|26fd|fuelpump|fuel pump,petrol pump
# building
house|houses|1f3e0|housebuilding|
castle|castles|1f3f0|europeancastle|
church|churches|26ea|church|
factory|factories|1f3ed|factory|
circus tent|circus tents|1f3aa|circustent|tent
# leisure
game controller|game controllers|1f3ae|videogame|controller,gamepad,joystick
target|targets|1f3af|directhit|bullseye,dartboard
slot machine|slot machines|1f3b0|slotmachine|
crystal ball|crystal balls|1f52e|crystalball|
pumpkin|pumpkins|1f383|jackolantern|jack-o'-lantern,jack-o-lantern
Christmas tree|Christmas trees|1f384|christmastree|
balloon|balloons|1f388|balloon|
gift|gifts|1f381|present|present,gift box
medal|medals|1f3c5|sportsmedal|gold medal
trophy|trophies|1f3c6|trophy|cup
American football|American footballs|1f3c8|americanfootball|football
soccer ball|soccer balls|26bd|soccerball|football,ball
baseball|baseballs|26be|baseball|ball
saxophone|saxophones|1f3b7|saxophone|sax
guitar|guitars|1f3b8|guitar|electric guitar
trumpet|trumpets|1f3ba|trumpet|
violin|violins|1f3bb|violin|fiddle
palette|palettes|1f3a8|artistpalette|paint palette,artist palette
painting|paintings|1f5bc|framewithpicture|picture,picture frame,framed picture,frame
# clothing
backpack|backpacks|1f392|schoolsatchel|rucksack,school bag
graduation cap|graduation caps|1f393|graduationcap|mortarboard
top hat|top hats|1f3a9|tophat|hat
crown|crowns|1f451|crown|
dress|dresses|1f457|dress|
kimono|kimonos|1f458|kimono|robe
handbag|handbags|1f45c|handbag|bag
purse|purses|1f45b|pinkwallet|coin purse,wallet
boot|boots|1f462|boot|
high heel|high heels|1f460|heels|high-heeled shoe,shoe,stiletto
sandal|sandals|1f461|sandals|shoe
shoe|shoes|1f45e|mensshoe|dress shoe
T-shirt|T-shirts|1f455|mansshirt|shirt,tshirt
lipstick|lipsticks|1f484|lipstick|
ring|rings|1f48d|ring|diamond ring
diamond|diamonds|1f48e|gem|gem,gemstone
bow|bows|1f380|bow|ribbon
watch|watches|231a|watch|wristwatch
# tool
microphone|microphones|1f3a4|microphone|mic
radio|radios|1f4fb|radio|
movie camera|movie cameras|1f3a5|moviecamera|film camera,video camera,camera
clapperboard|clapperboards|1f3ac|clapperboard|clapper,clapboard
camera|cameras|1f4f7|camera|
television|televisions|1f4fa|television|tv,TV
lantern|lanterns|1f3ee|izakayalantern|paper lantern
light bulb|light bulbs|1f4a1|lightbulb|bulb,lightbulb
flashlight|flashlights|1f526|electrictorch|torch
candle|candles|1f56f|candle|
bomb|bombs|1f4a3|bomb|
wrench|wrenches|1f527|wrench|spanner
hammer|hammers|1f528|hammer|
syringe|syringes|1f489|syringe|needle
pill|pills|1f48a|pill|capsule
microscope|microscopes|1f52c|microscope|
telescope|telescopes|1f52d|telescope|
satellite dish|satellite dishes|1f4e1|satelliteantenna|antenna,dish
magnifying glass|magnifying glasses|1f50d|leftmagnifyingglass|magnifier
megaphone|megaphones|1f4e3|megaphone|loudspeaker
bell|bells|1f514|bell|
laptop|laptops|1f4bb|personalcomputer|computer
floppy disk|floppy disks|1f4be|blackhardshellfloppy|floppy,diskette
battery|batteries|1f50b|battery|
plug|plugs|1f50c|electricplug|electric plug,power plug
printer|printers|1f5a8|printer|
computer mouse|computer mice|1f5b1|threebuttonmouse|mouse
telephone|telephones|260e|blacktelephone|phone
mobile phone|mobile phones|1f4f1|cellphone|phone,smartphone,cell phone,cellphone
alarm clock|alarm clocks|23f0|alarmclock|clock
hourglass|hourglasses|231b|hourglass|sandglass,sand timer
# office
book|books|1f4d5|closedbook|
scroll|scrolls|1f4dc|scroll|
newspaper|newspapers|1f4f0|newspaper|
price tag|price tags|1f3f7|label|tag,label
money bag|money bags|1f4b0|moneybag|bag of money
credit card|credit cards|1f4b3|creditcard|card,bank card
briefcase|briefcases|1f4bc|briefcase|
folder|folders|1f4c1|filefolder|file folder
calendar|calendars|1f4c6|tearoffcalendar|
clipboard|clipboards|1f4cb|clipboard|
pushpin|pushpins|1f4cc|pushpin|pin,thumbtack
ruler|rulers|1f4cf|straightruler|
trash can|trash cans|1f5d1|wastebasket|bin,trash bin,wastebasket,garbage can,basket
file cabinet|file cabinets|1f5c4|filecabinet|filing cabinet,cabinet
pen|pens|1f58b|lowerleftfountainpen|fountain pen
paintbrush|paintbrushes|1f58c|lowerleftpaintbrush|brush
crayon|crayons|1f58d|lowerleftcrayon|
pencil|pencils|270f|pencil|
envelope|envelopes|2709|envelope|letter,mail
mailbox|mailboxes|1f4ee|postbox|postbox,post box
box|boxes|1f4e6|package|package,cardboard box,parcel
# home
key|keys|1f511|key|
padlock|padlocks|1f512|lock|lock
cigarette|cigarettes|1f6ac|smokingsymbol|
door|doors|1f6aa|door|
toilet|toilets|1f6bd|toilet|
bathtub|bathtubs|1f6c1|bathtub|bath,tub
barber pole|barber poles|1f488|barberpole|
`;

/** Groups whose members could be taken for one another, or whose pictures hold one another. None share a scene. */
export const confusableGroups = `
dog wolf
cat tiger leopard
horse cow goat camel
goat dog
mouse rabbit squirrel computer_mouse
bear panda koala monkey
whale dolphin fish
ant spider bee ladybug
caterpillar snake
turtle frog crocodile
chicken chick dove penguin
snail seashell
tomato apple orange peach strawberry pumpkin
orange lemon pear peach baseball
chili_pepper eggplant
mushroom umbrella
chestnut cookie
cookie doughnut hamburger
candy lollipop balloon
wine_glass cocktail_glass beer_mug cup trophy
birthday_cake candle
cup honey_pot
seedling clover
tree pine_tree palm_tree Christmas_tree seedling
Christmas_tree star gift
tulip rose sunflower
rose strawberry
star sun snowflake medal
sun sunflower orange lemon
moon star sun
flame candle water_drop
frying_pan magnifying_glass
baby_bottle syringe
bus truck ambulance fire_truck train tractor
car taxi police_car ambulance truck
motorcycle bicycle
rocket airplane helicopter
speedboat shoe
house church castle factory circus_tent
church castle
target medal
slot_machine gas_pump mailbox
crystal_ball balloon
gift box bow
American_football soccer_ball baseball
American_football chestnut
saxophone trumpet megaphone
guitar violin
palette frying_pan
painting television door laptop
handbag purse briefcase backpack money_bag
top_hat graduation_cap crown
dress kimono T-shirt bow
boot high_heel sandal shoe
lipstick crayon pen pencil paintbrush
pencil candle cigarette thermometer
ring diamond
ring crown
watch alarm_clock hourglass
radio television movie_camera camera
movie_camera clapperboard
lantern light_bulb flashlight
microphone flashlight
microscope telescope
telescope satellite_dish movie_camera
wrench hammer
hammer bow
syringe pen thermometer pill
laptop mobile_phone television
telephone mobile_phone printer
floppy_disk radio
battery pill
book scroll newspaper clipboard calendar
newspaper envelope price_tag
credit_card envelope price_tag
envelope mailbox
folder briefcase book envelope
ruler pencil
file_cabinet door printer
box gift
padlock key handbag
toilet bathtub
bathtub cup
barber_pole candle lantern
knife pen
hourglass barber_pole
pushpin lipstick
trash_can cup
bell lantern
fire_truck police_car
octopus spider
pig goat
elephant koala
`;
