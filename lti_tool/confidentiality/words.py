"""Words that the check knows: names that people in Britain bear, places, and the capitalised words of medicine.

All lower case but for abbreviations. A first name that is also an ordinary word or a sign counts only before a
surname that is known.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FIRST_NAMES = _set("""
aaliyah aaron abdul abdullah abigail adam adele adrian agnes ahmed aidan aisha ajay akua alan albert alejandro alex
alexander alexandra alfie alfred ali alice alicia alison allan amanda amelia amina amir amit amy anastasia andrea
andrew aneeta angela angharad anil anita ann anna anne annette annie anthony antonio anwen arjun arthur asha ashley
asif audrey ayesha barbara barry beatrice ben benjamin bernadette bernard bethan beverley bilal brenda brian bridget
bronwen bruce bryan bukola callum camilla carl carla carlos carol caroline carolyn catherine catrin cecilia ceri
charles charlie cheryl chinedu chloe chris christine christopher ciara claire clare clive colin connor craig cynthia
daniel danielle daphne darren david dawid dean deborah deepa denise dennis derek diane dilys dominic donald donna
doreen doris dorothy douglas duncan dylan ebony eddie edith edmund edna edward efe eileen elaine eleanor elena eleri
elisabeth elizabeth ella ellen ellie elsie elspeth emily emma emmanuel eric erin esme esther ethan ethel euan eva
evelyn ewa faisal farah fatima fatimah felicity fergus fiona florence frances frederick freya gareth gary gavin gaynor
gemma geoffrey george georgia gerald geraldine gerard gethin gill gillian giovanni glenda gloria gordon graham greg
gregory greta gurpreet gwen gwyneth habiba hamza hannah harpreet harriet harrison harry hassan hazel heidi helen
helena henry herbert hilary howard hugh hugo huw hussain ian ibrahim ifeoma imogen imran ines ingrid ioan isaac isabel
isabella isla ismail ivor jacob jacqueline jagdeep jake james jamie jan jane janet janice jasmine jason javed jayden
jean jeanette jeffrey jenna jennifer jenny jeremy jessica jill jim jo joan joanna joanne joe joel john jonathan jose
joseph josephine joshua joyce juan judith judy julia julian julie june karen karl kate katarzyna katherine kathleen
kathryn katie kavita kayleigh keith kelechi kelly kenneth kerry kevin khadija khalid kieran kim kiran kirsty krystyna
kwame lakshmi laura lauren laurence lawrence leah lee leila len leon leonard lesley leslie lewis liam lilian linda
lindsay lisa liz lloyd logan lorraine louis louise luca lucy luke lydia lynda lynn lynne maciej magdalena maggie
mahmoud malcolm malgorzata mandy manjit marcin marcus margaret maria mariam marian marie marilyn marion marjorie
martha martin marvin mary maryam mateusz matilda matthew maureen maurice mavis maxine megan mehmet melanie melissa
mercy michael michelle mildred millie miriam mohamed mohammad mohammed mohan moira molly monica morag muhammad muriel
myra nadia nadine naomi natalie natasha neil nia niamh nicholas nicola nigel nikhil nina noah noor nora norma norman
nusrat obinna olga olivia olu oluwaseun omar oscar osman owain owen oliver pamela patricia patrick paul paula pauline
pawel peggy penelope peter philip phillip phoebe phyllis pierre piotr piyush poppy pradeep priya rachael rachel rahul
raj rajesh ralph ravi raymond rebecca rhiannon rhys richard rita robert roberto robin roger roisin ronald rosalind
rosemary rosie roy rupert russell ruth ryan sadia saeed safiya sakina sally salma samantha samina samira samuel
sandeep sandra sanjay sara sarah saul scott sean sebastian seema selina seren shabana shahid shane shanice sharon
shaun sheila shirley siân sian sidney simon sinead siobhan sofia sophia sophie stacey stanley stefan stella stephanie
stephen steve steven stewart stuart sue suleiman sunita susan suzanne svetlana sylvia tahir tamara tanya tara tariq
teresa terence terry thandiwe theo theresa thomas tia tim timothy tina toby tom tomasz tony tracey tracy trevor tyler
una usha valerie vanessa vera vernon veronica victor vijay vikram vincent virginia vivian walter wanjiru wayne wendy
wilfred william winifred wojciech xavier yasmin yolanda yousef yusuf yvonne zachary zahra zainab zoe zofia zubair
""")
"""First names that are little else."""

FIRST_NAMES_TOO = _set("""
alma amber april art august austin autumn basil bill bishop bob bonnie brook chase christian clay cliff crystal daisy
dale dan dawn drew earl eve faith fay fern frank gale gene ginger glen grace grant guy harmony heath heather holly
hope hunter iris ivy jack jade jasper jewel jordan joy jude kent lance lily lincoln mark marshall mason max may melody
mike miles nick norm olive paris pat pearl penny pierce pip prince ray rich rob rod rose rowan ruby rusty sage sam
sandy skip stan summer sterling ted tiffany victoria viola violet wade ward will
""")
"""First names that are words as well."""

SURNAMES = _set("""
adams adeyemi afolabi ahmed akhtar ali allen anderson andrews armstrong atkinson bailey baker ball barker barnes begum
bell bennett berry bevan bibi booth bradley brooks brown burgess burke burton butler butt campbell carr carter chan
chapman chen chowdhury chukwu clark clarke coleman collins cook cooper cox craig cunningham davidson davies davis
dawson dean dixon doyle edwards elliott ellis evans ferguson fernandez fisher fletcher ford foster fox francis fraser
gallagher garcia gardner george gibson gill gordon graham grant gray green griffin griffiths gupta hall hamilton
harper harris harrison hart harvey hassan hawkins henderson hill holmes hopkins howard hudson hughes hunt hunter
hussain hussein ibrahim iqbal jackson james jenkins johnson johnston jones joshi kaur kelly kennedy khan king knight
kowalski kumar lane lawrence lawson lee lewis li lloyd lowe macdonald mackenzie mahmood marsh marshall martin mason
matthews mcdonald mckenzie mehta mendes miah miller mills mitchell mohamed moore morgan morris morrison murphy murray
nadar ncube newman nguyen nowak nwosu obi oconnor odonnell okafor okoro osei owen owens palmer parker parry patel
payne pearce pearson perera perkins perry phillips poole porter powell price pritchard rahman reid reynolds richards
richardson roberts robertson robinson rogers rose ross russell ryan sanders saunders scott sharma shaw simpson singh
smith spencer stevens stewart stone sullivan sutton taylor thackeray thomas thompson thomson thornton tucker turner
uddin wagner walker wallace walsh wang ward watson watts webb wells west white wilkinson williams williamson wilson
wong wood woods wright yang young zhang ashworth birch pennant hale ashdown farrow okonkwo rowley
""")

NOT_SURNAMES = _set("""
a and are at be but by did does for from had has have he her his i if in is it its may my of on or our she should so
that the their them then there they this to up was we were what when where which who why will with you your not no nor
as an also monday tuesday wednesday thursday friday saturday sunday january february march april june july august
september october november december jan feb mar apr jun jul aug sep sept oct nov dec hospital infirmary hospice
surgery practice clinic centre center ward unit university college school trust road street lane avenue act award
prize lecture foundation institute society library board house building room suite theatre fellow chair consultant
registrar nurse sister doctor surgeon physician professor student specialist practitioner charge matron midwife please
google thanks thank can could would should hello hi dear all any some many most more less very just only then now
later today clinical medical royal national general health care team round guideline guidelines guidance course module
session
""")
"""Capitalised words that follow a first name or a title without being a surname."""

EPONYM_NOUNS = _set("""
syndrome disease sign signs test criteria criterion score classification scale manoeuvre maneuver law procedure
fracture palsy triad reflex method position clamp forceps suture tube catheter hernia duct cell cells body bodies
lymphoma tumour tumor thyroiditis contracture phenomenon point line formula equation stain technique trial study
approach incision sarcoma anaemia anemia chorea ulcer oesophagus esophagus node nodes pouch encephalopathy aphasia
murmur cyst gland glands rule rules operation repair graft paralysis pulse respiration breathing effect response
reaction sequence fever nodule nodules spots sclerosis dystrophy ataxia neuropathy lesion lesions staging grade
grading index system model splint frame needle tourniquet excision osteotomy hallux dissection neuroma nephritis
arteritis vasculitis myopathy anomaly malformation ring rings loop
""")
"""What makes the words before it a disease, a sign or a thing named after somebody."""

EPONYMS = _set("""
addison adie alport alzheimer apgar argyll ashman baker barlow barrett battle beck becker bechterew behcet bell bence
bennett berger binet blalock bonnet boerhaave bouchard bowen brodie brown brudzinski budd buerger burkitt chagas
charcot chiari christmas codman colles conn cooley corrigan creutzfeldt crohn cullen cushing dercum down dressler
duchenne dupuytren eaton ebstein edwards ehlers eisenmenger epstein ewing fabry fallot fanconi flint foley fontan
friedreich gaucher gilbert gillies glasgow goodpasture gottron graves grey guillain hartmann hashimoto heberden heller
henoch hirschsprung hodgkin horner huntington jones kaposi kartagener kawasaki kehr kernig klinefelter kocher koplik
korsakoff kussmaul laennec lambert lewy light lyme mallory marfan marie mcburney meckel meniere merkel michaelis
mitchell monro morton munchausen murphy noonan osgood osler paget pancoast parkinson patau perthes peutz pott prader
prinzmetal quincke ramsay raynaud reiter rinne robertson romberg roux sheehan sjogren steell stevens still sturge swan
sydenham takayasu tay thomas tinel todd tourette trendelenburg trousseau turner virchow von warthin weber wegener
wells wenckebach wernicke westermark whipple willebrand wilson wolff zollinger
""")

PLACES = _set("""
aberdeen bath belfast birmingham blackpool bolton bournemouth bradford brighton bristol cambridge canterbury cardiff
carlisle chester colchester coventry croydon derby doncaster dundee durham edinburgh exeter gateshead glasgow
gloucester guildford harrogate hereford huddersfield hull inverness ipswich kettering lancaster leeds leicester
lincoln liverpool london luton maidstone manchester middlesbrough newcastle newport northampton norwich nottingham
oldham oxford peterborough plymouth portsmouth preston reading rochdale rotherham salford salisbury scarborough
sheffield shrewsbury slough southampton southend southport stafford stirling stockport stoke sunderland swansea
swindon taunton telford torquay truro wakefield walsall warrington watford wigan winchester wolverhampton worcester
wrexham yeovil york
""")

NAMELESS = _set("""
general district university teaching community royal private day acute local tertiary rural children's womens women's
men's mental health hospital hospitals nhs foundation trust medical nursing residential care good clinical current
cardiac vascular plastic orthopaedic emergency elective thoracic cardiothoracic colorectal bariatric breast eye oral
maxillofacial spinal hand trauma keyhole robotic paediatric neonatal dental fracture pain memory outpatient diabetes
heart failure anticoagulation warfarin fertility antenatal falls best safe general's family group evidence-based major
minor open laparoscopic bypass valve brain knee hip cancer transplant regional specialist big small every each this
that another any no gp's gp hot one-stop post two-week-wait renal respiratory rheumatology cardiology neurology
dermatology urology gynaecology ent psychiatric field cottage virtual integrated primary secondary your my his her
their what which when where
""")
"""Words before "Hospital" or "Surgery" that name none."""

ABBREVIATIONS = _set("""
AF CT ED IV BP HR MI PE GP ITU ICU HDU CCU DVT MRI ECG EEG COPD CKD AKI UTI HIV TB MS MR ID NO IN ON IS AS AT OR AND
OK ICP INR LP OT PT SLT DNR DM HF CF RA SLE VF VT SVT GI GU NG PO SC IM PR PRN TDS BD OD QDS ADHD PTSD ALS
""")
"""Two and three capital letters after "patient" that are no initials."""
