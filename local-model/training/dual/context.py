"""Common sense written down by hand: what is usually seen together with which of ImageNet's classes.

ImageNet's classes name one thing each; nobody is called "person" there, though people stand in thousands of its pictures.
Each line: what a picture also shows, how likely, and the classes (by their first name) that say so. No picture was looked at.
"""

from __future__ import annotations

TABLE = """
person 0.95 | groom; baseball player; scuba diver
person 0.8 | suit; bow tie; Windsor tie; academic gown; abaya; kimono; miniskirt; military uniform; lab coat; cloak; trench coat; fur coat; poncho; sarong; jeans; sweatshirt; cardigan; hoop skirt; overskirt; gown; T-shirt; bikini; one-piece bathing suit; swim trunks / shorts; bra; brassiere; diaper; pajamas; stole; apron; bulletproof vest; tank suit; bathing cap; swimming cap; shower cap; sombrero; cowboy hat; bonnet; mortarboard; football helmet; wig; neck brace; sunglasses; sunglass; oxygen mask; gas mask or respirator; gasmask; ski mask; mask; lipstick; hair spray; Band-Aid; stethoscope
person 0.8 | ski; horizontal bar; parallel bars; balance beam; barbell; dumbbell; bobsleigh; dog sled; unicycle; snorkel; paddle; volleyball; basketball; rugby ball; ping-pong ball; racket; golf ball; croquet ball; tennis ball; baseball; crutch; stretcher; tricycle; snowmobile; go-kart; jinrikisha; rickshaw; oxcart; horse-drawn vehicle; gondola; canoe; mountain bike; moped; motor scooter; crash helmet; harmonica; oboe; flute; French horn; trombone; saxophone; cello; violin; accordion; drum; bassoon; cornet; electric guitar; acoustic guitar; microphone; stage; lawn mower; swing; punching bag; syringe; barbershop; parachute; maypole; hand-held computer; iPod; cellular telephone; mobile phone; library; restaurant; cinema; movie theater; toy store; grocery store; hair dryer; knee pad; running shoe; sock; umbrella
child 0.5 | diaper; tricycle; swing; teddy bear; crib; infant bed; bib; baby bib; toy store
crowd 0.5 | stage; cinema; movie theater; maypole; restaurant; grocery store
dining table 0.7 | plate; restaurant; dining table; hot pot; pizza; burrito; cheeseburger; soup bowl; wine bottle; red wine; espresso; trifle; consomme; meatloaf; guacamole; potpie; carbonara; mashed potatoes; mashed potato; tray; coffee mug; cup; pitcher
food 0.7 | plate; restaurant; tray; soup bowl; frying pan; wok; hot pot; Crock Pot; Dutch oven; waffle iron; toaster; grocery store; bakery; butcher shop; mixing bowl; wooden spoon; spatula
fork 0.5 | plate; restaurant; carbonara; meatloaf; potpie; mashed potato; mashed potatoes
knife 0.5 | plate; cleaver; letter opener; meatloaf; French loaf; baguette; bakery; pizza
spoon 0.5 | wooden spoon; ladle; soup bowl; consomme; trifle; ice cream; espresso
bowl 0.6 | soup bowl; mixing bowl; consomme; guacamole; hot pot; trifle; mashed potato; mashed potatoes; hen-of-the-woods
cup 0.7 | cup; coffee mug; espresso; tea cup; measuring cup; eggnog; coffeepot; teapot
wine glass 0.6 | red wine; goblet; wine bottle; beer glass; cocktail shaker
bottle 0.6 | beer bottle; wine bottle; pop bottle; water bottle; pill bottle; red wine; perfume; lotion; sunscreen
chair 0.6 | folding chair; rocking chair; barber chair; throne; restaurant; dining table; desk; library; cinema; movie theater; patio; barbershop; rotisserie
couch 0.6 | studio couch; couch; home theater; sleeping bag; quilt; pillow
bed 0.6 | four-poster bed; four-poster; infant bed; crib; studio couch; quilt; pillow; bassinet; cradle; mosquito net
potted plant 0.5 | flowerpot; plant pot; greenhouse; patio; vase; window shade
television 0.5 | television; home theater; entertainment center; screen; remote control
remote control 0.5 | remote control; home theater; television; entertainment center
laptop 0.5 | laptop computer; notebook computer; notebook; desk; computer mouse; mouse; space bar; computer keyboard
computer keyboard 0.7 | computer keyboard; typewriter keyboard; space bar; desktop computer; laptop computer; notebook; notebook computer; computer mouse; mouse; monitor
computer mouse 0.5 | computer mouse; mouse; desktop computer; computer keyboard; monitor; desk
computer monitor 0.6 | monitor; desktop computer; screen; CRT screen; computer keyboard; desk
book 0.6 | bookcase; library; bookstore; bookshop; book jacket; dust jacket; comic book; notebook; desk
oven 0.6 | stove; microwave; microwave oven; Dutch oven; rotisserie; toaster; dishwasher
refrigerator 0.4 | refrigerator; microwave; microwave oven; dishwasher; stove
sink 0.6 | sink; washbasin; dishwasher; tub; bathtub; soap dispenser
toilet 0.5 | toilet seat; toilet paper; plunger; washbasin; sink; bathtub; tub; shower curtain
kitchen 0.7 | stove; microwave; microwave oven; refrigerator; dishwasher; toaster; waffle iron; Crock Pot; frying pan; wok; Dutch oven; plate rack; espresso machine; mixing bowl; spatula; coffeepot; teapot
bathroom 0.7 | toilet seat; washbasin; bathtub; tub; shower curtain; shower cap; toilet paper; medicine cabinet; medicine chest; bath towel; soap dispenser; plunger
bedroom 0.6 | four-poster bed; four-poster; studio couch; quilt; pillow; crib; infant bed; wardrobe; chiffonier
living room 0.6 | studio couch; couch; entertainment center; home theater; television; rocking chair; table lamp; fire screen; bookcase; window shade; lampshade
office 0.6 | desk; desktop computer; monitor; file cabinet; filing cabinet; photocopier; printer; computer keyboard; laptop computer; notebook computer
car 0.6 | convertible; sports car; minivan; station wagon; beach wagon; taxicab; cab; limousine; jeep; race car; Ford Model T; Model T; car wheel; car mirror; grille; radiator grille; parking meter; tow truck; pickup truck; police van; ambulance; gas pump; seat belt; traffic light
truck 0.6 | garbage truck; fire truck; tow truck; pickup truck; moving van; semi-trailer truck; trailer truck; recreational vehicle
bus 0.7 | minibus; school bus; trolleybus
train 0.7 | bullet train; electric locomotive; steam locomotive; passenger car; freight car; tram; streetcar
motorcycle 0.7 | moped; motor scooter; crash helmet; disc brake
bicycle 0.7 | mountain bike; tandem bicycle; bicycle-built-for-two; unicycle; tricycle
boat 0.7 | canoe; gondola; speedboat; lifeboat; catamaran; trimaran; yawl; schooner; fireboat; container ship; ocean liner; aircraft carrier; paddle; dock; boathouse; submarine; pirate ship; amphibious vehicle
airplane 0.7 | airliner; warplane; military aircraft; wing; airplane wing; aircraft carrier; space shuttle
street 0.6 | traffic light; street sign; parking meter; taxicab; cab; trolleybus; minibus; tram; streetcar; mailbox; manhole cover; limousine; minivan; moped; motor scooter; garbage truck; rickshaw; jinrikisha; police van; school bus
traffic light 0.4 | street sign; trolleybus; taxicab; cab; tram; streetcar
stop sign 0.5 | street sign
beach 0.7 | seashore; beach; sandbar; bikini; swim trunks / shorts; snorkel; sea lion; promontory; cliff; breakwater; catamaran; conch; sunscreen
sea 0.7 | seashore; beach; sandbar; promontory; coral reef; lakeshore; breakwater; container ship; ocean liner; schooner; yawl; catamaran; trimaran; lifeboat; killer whale; grey whale; sea lion; sea urchin; starfish; jellyfish; albatross; lighthouse; pier; dock; scuba diver; great white shark; hammerhead shark; stingray
surfboard 0.5 | seashore; beach; sandbar; catamaran; swim trunks / shorts; bikini; paddle; canoe
snow 0.7 | ski; snowmobile; snowplow; dog sled; bobsleigh; ski mask; alp; malamute; Alaskan Malamute; Siberian husky; Arctic fox; snow leopard; polar bear; king penguin; shovel
snowboard 0.5 | ski; alp; ski mask; bobsleigh; snowmobile
skateboard 0.4 | go-kart; motor scooter; knee pad; running shoe; unicycle; crutch; parallel bars
tennis racket 0.7 | racket; tennis ball
sports ball 0.7 | soccer ball; basketball; volleyball; rugby ball; tennis ball; ping-pong ball; golf ball; croquet ball; baseball; baseball player; racket
baseball bat 0.6 | baseball player; baseball
baseball glove 0.6 | baseball player; baseball
sport 0.7 | soccer ball; basketball; volleyball; rugby ball; tennis ball; ping-pong ball; golf ball; baseball; baseball player; racket; ski; football helmet; horizontal bar; parallel bars; balance beam; barbell; dumbbell; bobsleigh; scoreboard; golf cart; race car; punching bag; croquet ball
kite 0.4 | parachute; balloon; flagpole; airplane wing; wing
frisbee 0.4 | Border collie; whippet; golden retriever; kelpie; Australian kelpie; Labrador retriever
mountain 0.7 | alp; mountain; volcano; valley; cliff; mountain tent; promontory; bighorn sheep; ibex; Alpine ibex; yurt; marmot
grass 0.5 | hay; worm fence; split-rail fence; lawn mower; golf ball; golf cart; ox; ram; hartebeest; gazelle; impala; impala (antelope); zebra; sorrel; harvester; thresher; hare; wild boar
cow 0.6 | ox; water buffalo; bison; barn; oxcart
sheep 0.7 | ram; bighorn sheep; ram (adult male sheep)
horse 0.7 | sorrel; common sorrel horse; horse-drawn vehicle; horse cart
giraffe 0.4 | gazelle; impala; impala (antelope); zebra; hartebeest; ostrich
elephant 0.8 | Indian elephant; Asian elephant; African elephant; African bush elephant; tusker
bird 0.4 | birdhouse
tie 0.8 | Windsor tie; bow tie; suit; groom
handbag 0.6 | purse; shopping basket; backpack; messenger bag
suitcase 0.5 | backpack; crate; chest
umbrella 0.6 | umbrella; seashore; beach; patio
bench 0.7 | park bench; patio
clock 0.8 | analog clock; wall clock; digital clock; stopwatch; digital watch; bell tower; bell cote; sundial
vase 0.7 | vase; pot; flowerpot; plant pot
flower 0.7 | daisy; yellow lady's slipper; vase; flowerpot; bee; hummingbird; pot; plant pot; greenhouse; monarch butterfly
cake 0.6 | trifle; chocolate syrup; chocolate sauce; bakery; candle; dough
sandwich 0.6 | cheeseburger; hot dog; bagel; French loaf; baguette; burrito; meatloaf
donut 0.5 | bagel; pretzel; bakery
carrot 0.4 | broccoli; cauliflower; cucumber; bell pepper; zucchini; mashed potato; mashed potatoes; hot pot
vegetable 0.8 | broccoli; cauliflower; cucumber; bell pepper; zucchini; head cabbage; cabbage; artichoke; cardoon; spaghetti squash; acorn squash; butternut squash; grocery store
fruit 0.8 | Granny Smith; Granny Smith apple; banana; orange; lemon; strawberry; pineapple; fig; jackfruit; custard apple; cherimoya (custard apple); pomegranate; grocery store
apple 0.9 | Granny Smith; Granny Smith apple
farm 0.5 | barn; hay; harvester; thresher; tractor; worm fence; split-rail fence; ox; ram; hen; cock; rooster; hog; pig; goose
tree 0.4 | park bench; birdhouse; patio; valley; lakeshore; acorn; koala; fox squirrel; howler monkey; orangutan; chainsaw; worm fence; split-rail fence; fig; mountain tent; maypole
building 0.6 | church; monastery; palace; castle; mosque; stupa; library; bell tower; bell cote; dome; barn; boathouse; greenhouse; prison; planetarium; triumphal arch; steel arch bridge; cinema; movie theater; mobile home; patio; thatched roof; tile roof; obelisk; water tower; lighthouse; restaurant; bakery; barbershop; bookshop; tobacco shop; shoe store; street sign; window screen; sliding door
indoor 0.4 | bookcase; wardrobe; desk; studio couch; quilt; refrigerator; stove; bathtub; television; entertainment center
"""


def associations(names: list[list[str]]) -> list[tuple[str, float, list[int]]]:
    """(what is also seen, how likely, class numbers). `names` are those of wordnet.imagenet_names()."""
    numbers: dict[str, list[int]] = {}
    for i, row in enumerate(names):
        for name in row:
            numbers.setdefault(name.lower(), []).append(i)
    table = []
    for line in TABLE.strip().splitlines():
        head, _, tail = line.partition(" | ")
        what, _, chance = head.rpartition(" ")
        found = {i for name in tail.split("; ") for i in numbers.get(name.strip().lower(), [])}
        table.append((what, float(chance), sorted(found)))
    return table


if __name__ == "__main__":
    from wordnet import imagenet_names

    known = {name.lower() for row in imagenet_names() for name in row}
    print("no such class:", {n.strip() for l in TABLE.strip().splitlines() for n in l.partition(" | ")[2].split("; ") if n.strip().lower() not in known})
