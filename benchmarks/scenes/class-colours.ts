/** The mean colour along each sprite's edge, so that a ground can be chosen on which the sprite stands out. */

/**
 * class | fluent-3d | twemoji | fxemoji | noto, as rrggbb.
 *
 * Measured on 2026-11-24 over the opaque pixels within 12 of 256 pixels of the sprite's contour.
 */
export const edgeColourTable = `
dog|e4a07b|ce8f76|c9955f|ddae93
cat|e29c70|fbbd4a|ffd577|eea30c
horse|6e5052|995846|a37e57|bd8356
cow|b5a5b3|848c93|9aadb2|a8a29e
pig|f68da6|f4abba|fc9fde|fecbaf
goat|ba8367|d1d5d0|bbc4c4|947158
tiger|d76a54|e69e33|e6ad48|c97831
leopard|eca149|fac549|c28d57|e19718
mouse|c39aae|d5b1bc|dccdce|dbbfbf
rabbit|d4ccd8|a0acb7|b6aeaf|b3bfc4
elephant|aea9b9|99aab5|a9b8c2|b6b6b5
camel|d5906a|c0694f|aa7540|e79b46
monkey|8b5861|c16e56|c58940|b6895f
koala|aaa8b1|99aab5|c9c7ba|a1a1a2
bear|946369|c26c52|b27a42|855b52
panda|a799bf|b4b6b7|b8b9b6|707070
wolf|a09aa6|6c7a84|809199|b1b1b1
squirrel|cd8b70|ae7444|a8723c|a3745e
crocodile|4aa98e|5c903b|04b89d|6a7b2f
snake|5abb91|7bac54|03bb74|c3c55a
turtle|92bc89|5f973d|47a85a|a4b642
whale|64b4fa|4495d2|35c1fc|81b3bb
octopus|e16f7e|8a5fc3|ff9261|f77b75
fish|499df3|4493cf|26bcfe|3584bb
dolphin|51befb|4796e2|19b9fe|41b3de
snail|b47c66|c4939f|e797b0|c89775
ant|483f52|31373d|2c3c47|5b5e5f
caterpillar|5fb9a6|8e64c7|8bcca0|9aaf23
bee|877c92|8b8b81|a1a696|a78f48
ladybug|7e4662|763340|964b4c|985758
spider|453b50|31373d|000000|7c7d7e
chicken|aa6c65|e6b3a3|f2bba1|a27228
chick|faaf5a|fec143|fcd134|feaf02
penguin|7b3d7a|6d5836|84775d|6b6966
dove|bab9b8|adc0b7|e0e0e0|bbbea8
frog|8fc289|92c375|16bf16|b7d019
seashell|bbb3ca|c5d0d8|acbbba|dddddd
tomato|bd674b|cb4647|cb5e3a|da3526
watermelon slice|a18f55|8e7544|5c853f|b29b53
orange|e39b48|d18613|ca9c39|d8860a
lemon|e3c249|bebc4d|cac633|d4a723
pineapple|d2a951|aaaa41|99bc49|9a9f25
apple|be5755|c24142|df614d|c23c23
pear|b0ad38|9db977|97cd68|b2c51e
peach|e1965f|d09161|c5a16e|cd703b
strawberry|bc6a52|ac403a|b5431f|cc5320
eggplant|635dd7|745f9c|7e75c3|905d7c
chili pepper|c15a4f|c0514b|c16255|de591d
mushroom|eb788a|c86c7d|f1867f|f0733f
chestnut|986463|9c4c36|b37155|9a4019
hamburger|d69e7c|d19576|c68f32|e09d33
pizza slice|f4bd68|e3752b|e49e18|f9a642
drumstick|cc938d|d2885e|eba64c|ce8765
rice ball|aaa1b5|cdcece|c8cbc4|b1afa6
shrimp|e47b3c|fe9c4f|fdb27d|f0941f
ice cream cone|ecc392|ffd881|f6d78c|f2c17d
doughnut|b77868|c27832|ab6e33|bd8548
cookie|d99f82|da9f83|d19b61|be6723
chocolate bar|ad5062|cb6365|859998|a5696a
candy|cc4c51|db2f44|03b0fd|efc6c8
lollipop|cda6b2|eb663c|fe7563|c0b8a6
honey pot|b47b50|f19f25|e8c07d|d87e16
birthday cake|dbb386|c99384|e3c7b5|f7b06f
knife|9f97c6|8a939a|74858e|a3a5a6
cup|b6adc6|c0c5ca|e1e0da|cfd8da
wine glass|c6e8fb|99a8b4|d9d2cd|ccc5c6
cocktail glass|c4e8f2|99a2ab|d0d4d6|cbcac7
beer mug|cde4f5|fbc869|f6c86a|e5d9c4
baby bottle|e2ab8d|c8c7b9|cfdfc5|b9c0af
frying pan|5f4888|292f33|2d3d48|484849
seedling|a0b353|77b255|2ba52e|99c23b
tree|789a67|5e7d34|489136|72912f
pine tree|71965e|587a2f|32a030|0f8f34
palm tree|878954|798442|589a37|928734
cactus|74ba6d|71ac50|4eb84f|92bc2a
clover|49b884|77b255|42cc4b|7fb526
maple leaf|ee4185|dd2e44|f4590c|ef5718
tulip|ae7689|b0a97e|829791|c39a76
rose|b1725a|7a3c22|9c6331|a23c26
sunflower|cabd51|a39028|abaf33|e2b308
moon|f0b562|ffd983|fde364|ffc117
sun|ee8532|ffac33|ffc639|feb01f
cloud|dfdbec|d8e0e6|b0e9ff|d2dde2
umbrella|6b5187|74629f|de585a|4e69c3
snowman|a39fb6|cbac8b|c7948b|a8a7a8
snowflake|47a8f4|88c9f9|59cafc|a7d6f4
star|deb638|ffac33|ffbe44|fdd836
flame|f87c51|f69c19|ff9321|fc6c13
water drop|74aceb|5dadec|3dc2fd|4ec1f5
tornado|bbb5bd|9ba9b3|899fa9|cad7dc
lightning bolt|f98d50|ffac33|ffb636|ffc520
thermometer|a6cef1|bdc6cd|c4e3e5|a3c7cd
motorcycle|853f61|647c64|957b76|8a5255
train|89455e|7e4c53|894644|8b6259
bus|b8a0a2|80888c|99ae86|a08b72
ambulance|b97eaa|b09fa7|bdb2b6|b19997
fire truck|a96381|b7737f|948281|b67f7f
police car|656179|7d838b|818890|867474
taxi|ae8e75|d1aa4a|ca9644|cca93a
car|955781|b82e40|d24b42|c7342f
truck|b48062|bb8a7b|96898d|ba835e
tractor|387973|4f6b48|98864f|547a65
bicycle|8f5c7b|823643|387691|7f9396
rocket|e48997|967b82|d99677|ab8576
helicopter|db8c7d|c7b780|9c7d87|cca43a
airplane|7f93ca|7cb4de|a4c5cf|4d8aad
speedboat|979ebf|849da7|a2c6b4|db7e3a
anchor|40b1ed|226699|597b91|7aabbc
traffic light|433b4b|31373d|bbb8ac|424242
gas pump|bb5b70|c9b3a2|a08f89|c9534b
house|a99567|969a72|a29370|b57f54
castle|c985a7|7c9cb4|d3978e|ac756a
church|9e7062|d88265|dabc93|a8918c
factory|ae8095|bc5565|5f6c72|b97b7f
circus tent|c36f91|aa798c|d0969a|e06231
game controller|5f3d8b|1f2428|2e3f4c|5e6268
target|b8548d|c63e5a|de4d4c|de3136
slot machine|aa98af|454c52|2b3b47|b7a09f
crystal ball|7b6d88|b07fa6|9b86a9|937faa
pumpkin|ef897a|e38d0e|c98924|e27f05
Christmas tree|809a5c|737c32|34931c|2e9233
balloon|a7497e|ce4437|ea4e49|e74b45
gift|e17f3c|f19c6f|ff818b|f07229
medal|cb8d7c|9aa28e|c2a1ab|9d9677
trophy|ca8b5a|f4a93f|fbb63e|e2a129
American football|8a676e|763b2f|9f7f6b|924b39
soccer ball|8b9cdd|6f747a|7f8180|8a8c8e
baseball|ccaec9|dee3e8|e2e0da|e4ccc1
saxophone|cca45a|eeb660|f0ad38|f3bc2c
guitar|bc447c|b34156|cc8f3b|d96b58
trumpet|d29b53|f6b155|fcb74a|f2c030
violin|765055|d28434|d3954b|c67353
palette|fcb3a2|d99e82|e5aa6e|dc8b42
painting|de9464|cc856c|91654e|e69927
backpack|e24471|a33732|1b6b66|cb493d
graduation cap|705161|665b46|5a5341|6f6039
top hat|51455d|383948|4d5c60|5e5c57
crown|e3a060|fbb13b|ffbf45|edbd3a
dress|427ad6|59aeee|00ceac|1766bf
kimono|50abeb|4e92c6|fb8252|efa6c7
handbag|9d746d|b384ad|734c34|d0935d
purse|ee735c|e07d8c|e799cb|d686a1
boot|ec7674|a1503a|5a4333|c26d43
high heel|af3260|7a2f3b|f7413a|d83d34
sandal|e28074|c76858|b7845d|b87148
shoe|9f6460|6d453a|5c4d47|7a523a
T-shirt|86d277|4392cf|57cdf7|95d6e9
lipstick|b15164|f4855c|da958e|9a4232
ring|acb0d2|91aec3|bbd0cf|a3b7c1
diamond|2e98e0|78b7e6|3cbdf2|85c9f3
bow|c92749|d72c42|ff6cd8|e54688
watch|7a9aee|7a8289|727979|a49284
microphone|7d7684|517ea2|41a49b|737a7c
radio|b1aaba|8c9ca6|7d8b8f|e39f2e
movie camera|4b3e59|31373d|2d3e4a|525151
clapperboard|887db6|6a806a|4a908a|6e6e6e
camera|aaa4b5|353b41|abb6ba|8f9ba0
television|a59eae|31373d|bdc7c9|6d8f9c
lantern|ac4b56|7e2937|a02f29|9b2f30
light bulb|e8b867|e9d399|e2d26f|cdc136
flashlight|ceb68e|9a9a84|7c877e|498b8f
candle|e8be9c|e3c9a4|cbd3b9|e1d2a4
bomb|6c3e58|574b3e|5f6458|8d6e42
wrench|ccc4d9|8899a6|a1a6a8|78a9ba
hammer|a18397|b18342|a0968e|8a8579
syringe|93b0da|b2c6cf|e1b1ab|9bbfc9
pill|de6269|dc7146|ff7233|f88c35
microscope|9195b9|8897a2|3f4c5d|84a6b2
telescope|7568a5|956573|b36e70|8499a1
satellite dish|aaa9c6|afa185|b0a88c|8bb9c8
magnifying glass|685388|7f909c|105886|8a8a8a
megaphone|e2a05b|4393cf|d5b666|ad8186
bell|f2b457|ffac33|e2a036|edbb2a
laptop|869ac0|bcc8d0|c4ced0|a5c6d3
floppy disk|7e72a4|31373d|4f565a|5c7987
battery|b5cd9f|7db261|76bcb8|95d153
plug|635455|4f5860|465a66|828282
printer|9488a8|90b2cc|95a7ad|949b9e
computer mouse|cecbd4|8f9faa|b2bdc0|dedede
telephone|d03766|cf253b|373f43|cc2e2b
mobile phone|5c4c8a|31373d|54595a|434343
alarm clock|ee8b7d|eb6e46|f17949|d14240
hourglass|a5bdcc|9db8bc|c0a784|a87553
book|c53c6b|ad132c|dc3a38|a96262
scroll|f7bd85|ffdd93|e7cfad|f1c68f
newspaper|d7cde3|c0ccd4|d4d7d4|c5c5c5
price tag|ecb05d|f6c97d|b8beb9|d6b07c
money bag|db9349|fbd486|ebcd82|f7c226
credit card|48b3da|eba033|b6c3c7|eeb60c
briefcase|7c4e5a|994d1c|4a5f68|814c30
folder|fec656|3c89c4|dd952b|faca5c
calendar|a6b4d4|31383c|5c656a|cf8581
clipboard|db9b6d|c07965|cc9e6b|ac7b50
pushpin|c65575|c74d60|ed5852|c35854
ruler|bab4ca|e2b649|f6cc66|8eb8bf
trash can|c1bdcc|8c9ca6|57798e|83b4c5
file cabinet|52426d|292f33|b9834c|607d8b
pen|7a8fb6|647079|97a3a5|7e7a58
paintbrush|ea5c73|6c749a|a1916f|728288
crayon|8ac567|d64358|ff9c4d|d0403e
pencil|e4806e|dba36e|e6ab73|e4ae5b
envelope|dfcfe4|cdd7de|b9c5c8|9ad2f4
mailbox|e34c7e|c83a4e|eb524c|d84740
box|c8946e|b06d58|c08f5d|b78555
key|f4be47|c1694f|ffb636|d7a71d
padlock|dea87d|dab172|ddb56e|bcb266
cigarette|b9a698|c3bdbc|d1c0a3|d4bda9
door|cf895c|bf6952|ed4f4d|b06542
toilet|cec3dd|b9c6ce|c1c9cb|aecbd7
bathtub|9cb0c2|b9c6ce|abb9c0|bccdd6
barber pole|b195c4|bab7c6|cbcbd0|b6c0c7
`;
