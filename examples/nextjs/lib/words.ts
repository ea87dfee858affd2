/**
 * 1024 plain English words, of 4 to 9 letters, to be read out: no two of them sound the same, differ in one
 * letter alone, or have the first four letters in common.
 */
export const words: readonly string[] = `
  abacus academy acorn acrobat actor adult agenda airport alarm album alley almanac almond alphabet alpine
  amber amulet anchor angle animal answer antenna antique antler apple apricot apron aquarium arcade archer
  arctic arena armor arrow artist aspen asphalt asteroid athlete atlas attic auburn aurora author autumn
  avenue avocado award axle baby bacon badge bagel baker balcony ballad bamboo banana bandage banjo banner
  barber barley barn barrel basil basket bassoon bathtub battery beach beaver bedrock beehive beetle begonia
  belfry bellows berry bicycle biology bird biscuit bishop bison blanket blender blizzard blossom blue board
  boat bonfire bonus botany bottle boulder bouquet boxer bracelet branch brass bravery bread breeze brick
  bridge broccoli bronze broom broth brush bubble bucket budget buffalo bugle builder bulb bundle bungalow
  bunker burger burrow butler button buzzard cabbage cabin cable cactus cadet cafe calcium calendar camel
  campfire canal candle canoe canvas canyon capsule captain caramel carbon cardinal cargo carnival carpet
  carrot cartoon cascade cashew castle catalog cauldron cavern cedar ceiling celery cello cement center
  ceramic chalk chamber channel chapel charcoal cheese chemist cherry chess chicken chimney chipmunk chisel
  chorus cicada cider cinema cinnamon circle cistern citrus city clarinet classic clay cliff climate clinic
  clock cloud clover coach coast cobalt cobra cobweb cockpit coconut coffee collar colony column comet comic
  compass comrade concert condor confetti conifer cookie copper coral cork corner cosmos cottage cougar
  country cousin cowboy coyote cradle crane crater crayon cream crescent cricket crimson crocus crown
  crystal cube cucumber currant curtain cushion cutlery cyclist cymbal cypress dairy dance dawn decade delta
  denim depot desert desk dessert detail diamond diary diesel dinner diploma dolphin domain dome domino
  donkey door dough dragon drama drawer dress drizzle drum duck duet dune dynamo eagle earring earth easel
  echo eclipse edge editor elastic elbow elder embassy emerald empire enamel encore engine entry equator
  eraser escort estate evening exhibit exit expert eyebrow fabric factory falcon family famous fanfare
  farmer fashion feather fence fennel fern ferret fiber fiction fiddle field figure filter finch finger
  firefly fish fjord flag flame flannel flask flavor flint flood florist flower flute foam focus folder
  foliage forest forge formula fossil fragile freezer freight fresco friday friend frog frost fruit fudge
  furnace future gadget galaxy galleon garage garden garlic garment gate gazebo gecko general genius geology
  geyser giant gingham giraffe glacier glass glider glitter globe gnome goblet goggles gold gondola goose
  gosling grain granite grape gravel green griffin grocery grotto group grove guard guava guest guitar gulf
  gymnast habit halibut hamlet hammer hamster handbag harbor harmony harp harvest hatchet hawk hazel heart
  heaven hedge helium helmet hemlock herald herb heron hexagon hickory hiker hill hippo history hobby hockey
  holiday hollow honey honor hood horizon horn horse hotel hula humor hunter hurdle hyena iceberg icon idea
  igloo iguana image index infant inkwell insect iris island isotope item ivory jacket jaguar jasmine jasper
  javelin jaybird jazz jeans jelly jersey jetty jewel jigsaw jogger journal juggler juice jungle junior jury
  karate kayak ketchup kettle kilt king kiosk kitchen kite kitten kiwi knee knight koala label lace ladder
  ladybug lagoon lamp land lantern laptop larch lark laser lattice laundry lava lawyer leaf legend lemon
  lentil leopard lesson letter level library license lichen light lilac lily lime limit linen lion lizard
  llama lobster local locker locust lotus lounge lucky lumber lunar lunch lynx lyric machine magenta magnet
  magpie mailbox mammal mango manor mansion mantle maple marble margin market marsh mascot mask mason meadow
  medal meerkat melody member memory menu mermaid meteor metro midday milk miller mimosa mineral minnow mint
  minute mirror mocha model monarch monday monsoon morning mosaic moss motor mouse movie muffin mule mural
  muscle museum music mustang mystery napkin narrow native nature navy nebula nectar needle neon nephew nest
  network nickel noble nomad noodle north nougat novel nugget nurse nutmeg nylon oasis oatmeal obelisk
  object oboe ocean octopus office olive omelet onion opal opera optics orange orbit orchard oregano organ
  origami ostrich otter ottoman outback outfit oven oxbow oxygen oyster paddle page pagoda painter palace
  palette palm pampas pancake panda panel pansy panther papaya paper paprika parent parsley party pasta
  patio patrol pattern peacock peanut pebble pelican pencil penguin pepper perfume person petal petunia
  phoenix phone photo piano picket picnic picture pigeon pillow pilot pine pioneer pirate pitcher pizza
  planet plate player plaza plum poem polar polka polo pony popcorn poplar poppy potato pottery powder
  prairie prelude present pretzel prince prism problem project promise pudding pulley pumpkin puppet purple
  puzzle pyjamas pyramid python quail quarry queen quiche quiet quiver quota rabbit raccoon radar radio raft
  rail rainbow raisin rally ranch rapids raven ravine razor recipe record referee relic reptile rescue
  resort rhubarb rhythm ribbon rice river robin robot rocket rodeo roof rooster rose rotary rowboat royal
  rubber ruby ruler rumba runner runway rust safari saffron salad salmon salon salsa salute samba sandal
  sardine satin sauna scallop scholar science scooter score scout seagull seaweed second seed senator sequel
  sesame shadow shampoo shark shelf sherbet shield ship shirt shoe shovel shower shrimp shuttle signal
  silence silver siren sister skate sketch skylark sleeve sleigh slipper smile smoke snail snorkel snow soap
  soccer soda soldier sonata sonnet sorbet south sparrow spatula speaker sphere spice spider spinach spiral
  sponge spoon spring spruce squid stable stadium stage stamp star station steam steel stencil stereo stone
  stork straw stream student subway sugar summer sunday sunset surfer swallow swan sweater swimmer symbol
  syrup system tabby tadpole talent tapir target taxi teacher teapot temple tennis terrace textile theater
  thermos thicket thimble thistle thread thumb thunder tiara tiger timber tinsel titan tomato tongue tooth
  topaz topsoil tornado totem toucan tower town tractor trade traffic trail trapeze tree trellis tribe
  trolley trophy trowel truck truffle trumpet tuesday tugboat tulip tuna tundra tunnel turban turkey turnip
  turtle tuxedo twister typhoon ukulele uncle unicorn uniform upland urban utensil valley vanilla vase vault
  vector velvet veranda verse vessel viaduct victory video village vintage viola visitor vitamin voice
  volcano volume voyage vulture waffle wagon waiter wallaby walnut walrus waltz wasp watch water wave weasel
  wedding weekend whale wharf wheat wheel whisper wigwam wildcat winter wisdom wolf wombat wool wreath wren
  wrist yacht yard yellow yogurt young zebra zenith zero zigzag zinc zipper zodiac zone
`
  .trim()
  .split(/\s+/);
