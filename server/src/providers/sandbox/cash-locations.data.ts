/**
 * Where the sandbox's tills stand, one neighbourhood a line: state, city, ZIP code, latitude and longitude of the
 * ZIP code's middle, number of tills, their streets, and the reference number of the first till. Numbers make the
 * ids and codes that clients store: a line keeps its number for ever, and new lines take new ones.
 */
export const NEIGHBOURHOODS = `
AL|Birmingham|35203|33.5186|-86.8104|3|1st Ave N,4th Ave N,20th St S|3000
AL|Montgomery|36104|32.3792|-86.3077|2|Dexter Ave,Madison Ave,S Perry St|3020
AL|Mobile|36602|30.6944|-88.0431|2|Government St,Dauphin St,St Louis St|3040
AK|Anchorage|99501|61.2181|-149.9003|3|W 5th Ave,E 4th Ave,Gambell St|3060
AK|Fairbanks|99701|64.8378|-147.7164|2|Airport Way,Cushman St,Noble St|3080
AZ|Phoenix|85004|33.4484|-112.0740|7|N Central Ave,E McDowell Rd,E Van Buren St,N 7th St|3100
AZ|Tucson|85701|32.2226|-110.9747|3|E Broadway Blvd,S 6th Ave,W Congress St|3120
AZ|Mesa|85201|33.4152|-111.8315|2|W Main St,N Country Club Dr,W University Dr|3140
AR|Little Rock|72201|34.7465|-92.2896|2|W Markham St,S Broadway St,W Capitol Ave|3160
AR|Fayetteville|72701|36.0626|-94.1574|2|N College Ave,W Dickson St,S School Ave|3180
CA|Los Angeles|90012|34.0614|-118.2385|8|N Broadway,W Temple St,W Sunset Blvd,E 1st St|3200
CA|Los Angeles|90026|34.0776|-118.2646|5|Glendale Blvd,W Sunset Blvd,Beverly Blvd,Echo Park Ave|3220
CA|San Diego|92101|32.7199|-117.1628|6|Broadway,5th Ave,Market St,India St|3240
CA|San Francisco|94103|37.7726|-122.4110|6|Mission St,Market St,Folsom St,Howard St|3260
CA|San Jose|95112|37.3483|-121.8860|5|N 10th St,E Santa Clara St,Oakland Rd|3280
CA|Oakland|94607|37.8044|-122.2972|3|7th St,Market St,Mandela Pkwy|3300
CA|Fresno|93721|36.7343|-119.7837|3|Fresno St,Ventura St,Tulare St|3320
CA|Long Beach|90802|33.7685|-118.1910|3|Pine Ave,E Broadway,Long Beach Blvd|3340
CA|Sacramento|95814|38.5803|-121.4922|5|J St,16th St,L St,Alhambra Blvd|3360
CA|Sacramento|95822|38.5091|-121.4935|3|Freeport Blvd,Florin Rd,Fruitridge Rd|3380
CA|Bakersfield|93301|35.3866|-119.0171|2|Chester Ave,F St,24th St|3400
CO|Denver|80202|39.7515|-104.9977|6|16th St,Larimer St,Champa St,Lawrence St|3420
CO|Colorado Springs|80903|38.8388|-104.8145|3|N Tejon St,E Platte Ave,S Nevada Ave|3440
CO|Aurora|80012|39.7006|-104.8377|2|S Havana St,E Mississippi Ave,S Peoria St|3460
CT|Hartford|06103|41.7671|-72.6738|2|Main St,Asylum St,Farmington Ave|3480
CT|New Haven|06510|41.3083|-72.9279|2|Chapel St,Church St,Elm St|3500
CT|Bridgeport|06604|41.1794|-73.2019|2|Main St,Fairfield Ave,State St|3520
DE|Wilmington|19801|39.7390|-75.5498|2|N Market St,W 4th St,N Walnut St|3540
DE|Dover|19901|39.1582|-75.5244|2|S DuPont Hwy,Loockerman St,S State St|3560
DC|Washington|20001|38.9109|-77.0163|4|7th St NW,Rhode Island Ave NW,Georgia Ave NW|3580
DC|Washington|20002|38.9024|-76.9901|3|H St NE,Bladensburg Rd NE,Maryland Ave NE|3600
FL|Miami|33130|25.7672|-80.2055|7|SW 8th St,W Flagler St,SW 12th Ave,Coral Way|3620
FL|Orlando|32801|28.5417|-81.3731|4|S Orange Ave,E Colonial Dr,N Mills Ave|3640
FL|Tampa|33602|27.9539|-82.4567|4|N Florida Ave,E Kennedy Blvd,N Tampa St|3660
FL|Jacksonville|32202|30.3247|-81.6480|4|W Bay St,N Main St,E Union St|3680
FL|Tallahassee|32301|30.4286|-84.2593|2|Apalachee Pkwy,S Monroe St,E Tennessee St|3700
FL|Fort Lauderdale|33301|26.1216|-80.1288|3|E Las Olas Blvd,E Broward Blvd,S Federal Hwy|3720
GA|Atlanta|30303|33.7525|-84.3888|7|Peachtree St NE,Marietta St NW,Edgewood Ave SE,Piedmont Ave NE|3740
GA|Savannah|31401|32.0722|-81.0917|2|W Broad St,Abercorn St,E Bay St|3760
GA|Augusta|30901|33.4601|-81.9730|2|Broad St,Greene St,Laney Walker Blvd|3780
HI|Honolulu|96813|21.3138|-157.8557|4|S King St,S Beretania St,Nuuanu Ave|3800
HI|Hilo|96720|19.7074|-155.0885|2|Kilauea Ave,Kamehameha Ave,Kinoole St|3820
ID|Boise|83702|43.6322|-116.2052|2|W State St,W Main St,N 13th St|3840
ID|Idaho Falls|83402|43.4917|-112.0340|2|W Broadway St,Lindsay Blvd,Park Ave|3860
IL|Chicago|60607|41.8747|-87.6505|8|W Madison St,S Halsted St,W Jackson Blvd,W Harrison St|3880
IL|Chicago|60614|41.9229|-87.6483|5|N Clark St,N Lincoln Ave,W Fullerton Ave,N Halsted St|3900
IL|Springfield|62701|39.8000|-89.6495|2|E Washington St,S 6th St,E Monroe St|3920
IL|Peoria|61602|40.6790|-89.6013|2|SW Adams St,Main St,SW Jefferson Ave|3940
IN|Indianapolis|46204|39.7715|-86.1570|5|E Washington St,N Meridian St,N Illinois St|3960
IN|Fort Wayne|46802|41.0713|-85.1542|2|W Main St,Broadway,Fairfield Ave|3980
IA|Des Moines|50309|41.5884|-93.6210|2|Locust St,Grand Ave,Walnut St|4000
IA|Cedar Rapids|52401|41.9755|-91.6596|2|1st Ave SE,3rd St SE,8th Ave SE|4020
KS|Wichita|67202|37.6889|-97.3355|2|E Douglas Ave,N Broadway,W 2nd St N|4040
KS|Topeka|66603|39.0553|-95.6802|2|SW Topeka Blvd,S Kansas Ave,SW 6th Ave|4060
KY|Louisville|40202|38.2529|-85.7514|3|W Broadway,S 4th St,E Market St|4080
KY|Lexington|40507|38.0464|-84.4970|2|W Main St,N Limestone,W Short St|4100
LA|New Orleans|70112|29.9605|-90.0753|4|Canal St,Tulane Ave,N Rampart St|4120
LA|Baton Rouge|70802|30.4448|-91.1696|2|Government St,Florida St,Plank Rd|4140
ME|Portland|04101|43.6606|-70.2589|2|Congress St,Forest Ave,Commercial St|4160
ME|Bangor|04401|44.8016|-68.7712|2|Union St,Main St,Hammond St|4180
MD|Baltimore|21201|39.2946|-76.6252|4|N Howard St,W Franklin St,N Eutaw St|4200
MD|Annapolis|21401|38.9784|-76.4922|2|West St,Forest Dr,Taylor Ave|4220
MA|Boston|02116|42.3492|-71.0768|6|Boylston St,Newbury St,Tremont St,Massachusetts Ave|4240
MA|Worcester|01608|42.2626|-71.8003|2|Main St,Front St,Southbridge St|4260
MA|Springfield|01103|42.1029|-72.5888|2|Main St,State St,Dwight St|4280
MI|Detroit|48226|42.3317|-83.0500|5|Woodward Ave,Michigan Ave,Gratiot Ave|4300
MI|Grand Rapids|49503|42.9659|-85.6527|2|Fulton St E,Division Ave S,Michigan St NE|4320
MI|Lansing|48933|42.7325|-84.5555|2|E Michigan Ave,S Washington Sq,W Saginaw St|4340
MN|Minneapolis|55403|44.9704|-93.2867|4|Hennepin Ave,Nicollet Mall,Lyndale Ave S|4360
MN|Saint Paul|55101|44.9483|-93.0893|3|E 7th St,Robert St N,Jackson St|4380
MS|Jackson|39201|32.2939|-90.1867|2|S State St,W Capitol St,E Pascagoula St|4400
MS|Gulfport|39501|30.3769|-89.0957|2|25th Ave,Pass Rd,28th St|4420
MO|Kansas City|64106|39.1043|-94.5699|4|Main St,Grand Blvd,Independence Ave|4440
MO|Saint Louis|63103|38.6317|-90.2160|4|Olive St,Market St,Washington Ave|4460
MT|Billings|59101|45.7740|-108.5005|2|1st Ave N,N 27th St,Montana Ave|4480
MT|Missoula|59801|46.8563|-114.0126|2|Brooks St,S Higgins Ave,S Russell St|4500
NE|Omaha|68102|41.2626|-95.9327|3|Farnam St,Dodge St,S 13th St|4520
NE|Lincoln|68508|40.8145|-96.7009|2|O St,N 27th St,P St|4540
NV|Las Vegas|89101|36.1720|-115.1224|6|E Fremont St,S Las Vegas Blvd,E Charleston Blvd,N Eastern Ave|4560
NV|Reno|89501|39.5261|-119.8127|2|S Virginia St,E 2nd St,W Liberty St|4580
NH|Manchester|03101|42.9929|-71.4633|2|Elm St,Bridge St,Granite St|4600
NH|Concord|03301|43.2187|-71.5371|2|N Main St,Loudon Rd,Pleasant St|4620
NJ|Newark|07102|40.7357|-74.1724|4|Broad St,Market St,Springfield Ave|4640
NJ|Jersey City|07302|40.7223|-74.0473|3|Newark Ave,Grove St,Columbus Dr|4660
NJ|Trenton|08608|40.2197|-74.7664|2|E State St,N Broad St,W Hanover St|4680
NM|Albuquerque|87102|35.0816|-106.6480|3|Central Ave NW,Lomas Blvd NW,4th St NW|4700
NM|Santa Fe|87501|35.7022|-105.9746|2|Cerrillos Rd,St Francis Dr,W San Francisco St|4720
NY|New York|10001|40.7506|-73.9972|8|W 34th St,8th Ave,W 23rd St,7th Ave|4740
NY|New York|10027|40.8115|-73.9534|5|W 125th St,Frederick Douglass Blvd,Lenox Ave,Amsterdam Ave|4760
NY|Brooklyn|11201|40.6943|-73.9903|7|Fulton St,Court St,Atlantic Ave,Flatbush Ave|4780
NY|Bronx|10458|40.8626|-73.8885|5|E Fordham Rd,Webster Ave,Grand Concourse|4800
NY|Buffalo|14202|42.8867|-78.8784|2|Main St,Delaware Ave,Elmwood Ave|4820
NY|Albany|12207|42.6583|-73.7479|2|Broadway,Central Ave,N Pearl St|4840
NY|Rochester|14604|43.1574|-77.6080|2|E Main St,Monroe Ave,State St|4860
NC|Charlotte|28202|35.2281|-80.8440|5|S Tryon St,N Graham St,E 7th St|4880
NC|Raleigh|27601|35.7727|-78.6323|3|Fayetteville St,S Wilmington St,New Bern Ave|4900
NC|Greensboro|27401|36.0695|-79.7682|2|W Gate City Blvd,N Elm St,E Market St|4920
ND|Fargo|58102|46.9213|-96.8306|2|Broadway N,Main Ave,University Dr N|4940
ND|Bismarck|58501|46.8206|-100.7055|2|E Main Ave,N 3rd St,S 12th St|4960
OH|Columbus|43215|39.9671|-83.0044|5|N High St,E Broad St,E Main St|4980
OH|Cleveland|44114|41.5133|-81.6775|4|Euclid Ave,Superior Ave,St Clair Ave NE|5000
OH|Cincinnati|45202|39.1090|-84.5027|3|Vine St,Race St,E Central Pkwy|5020
OK|Oklahoma City|73102|35.4702|-97.5192|3|N Western Ave,NW 10th St,N Walker Ave|5040
OK|Tulsa|74103|36.1560|-95.9938|2|S Boston Ave,S Denver Ave,E 1st St|5060
OR|Portland|97209|45.5311|-122.6839|5|NW Glisan St,W Burnside St,NW Lovejoy St|5080
OR|Salem|97301|44.9510|-123.0063|2|Commercial St NE,State St,Liberty St NE|5100
PA|Philadelphia|19107|39.9518|-75.1587|7|Chestnut St,Market St,Walnut St,S Broad St|5120
PA|Pittsburgh|15222|40.4477|-79.9937|4|Penn Ave,Liberty Ave,Smallman St|5140
PA|Harrisburg|17101|40.2606|-76.8830|2|Market St,N 2nd St,Walnut St|5160
RI|Providence|02903|41.8188|-71.4128|2|Westminster St,Broad St,Weybosset St|5180
RI|Newport|02840|41.4874|-71.3121|2|Broadway,Bellevue Ave,Thames St|5200
SC|Columbia|29201|33.9941|-81.0318|2|Main St,Gervais St,Assembly St|5220
SC|Charleston|29403|32.7976|-79.9493|2|King St,Meeting St,Rutledge Ave|5240
SD|Sioux Falls|57104|43.5525|-96.7373|2|S Minnesota Ave,W 12th St,E 10th St|5260
SD|Rapid City|57701|44.0774|-103.2010|2|Mount Rushmore Rd,Omaha St,Main St|5280
TN|Nashville|37203|36.1500|-86.7897|5|West End Ave,Broadway,Charlotte Ave|5300
TN|Memphis|38103|35.1466|-90.0538|3|Union Ave,Poplar Ave,S Main St|5320
TN|Knoxville|37902|35.9627|-83.9217|2|W Summit Hill Dr,S Gay St,Henley St|5340
TX|Houston|77002|29.7566|-95.3651|8|Main St,Travis St,Louisiana St,Texas Ave|5360
TX|Houston|77004|29.7247|-95.3628|4|Almeda Rd,Scott St,Blodgett St|5380
TX|Dallas|75201|32.7877|-96.7994|7|Main St,Elm St,Ross Ave,N Akard St|5400
TX|San Antonio|78205|29.4237|-98.4866|6|E Houston St,Broadway,S Alamo St,E Commerce St|5420
TX|Austin|78701|30.2713|-97.7426|5|Congress Ave,E 6th St,Guadalupe St,Lavaca St|5440
TX|Fort Worth|76102|32.7593|-97.3283|4|Houston St,W 7th St,Commerce St|5460
TX|El Paso|79901|31.7602|-106.4790|3|E Paisano Dr,S El Paso St,Texas Ave|5480
UT|Salt Lake City|84101|40.7558|-111.8968|3|S State St,W 200 S,S West Temple|5500
UT|Provo|84601|40.2329|-111.6766|2|W Center St,N University Ave,W 500 N|5520
VT|Burlington|05401|44.4840|-73.2198|2|Main St,North Ave,Pearl St|5540
VT|Rutland|05701|43.6106|-72.9726|2|Woodstock Ave,S Main St,West St|5560
VA|Richmond|23219|37.5420|-77.4360|3|E Broad St,E Main St,N 2nd St|5580
VA|Virginia Beach|23451|36.8589|-75.9853|3|Laskin Rd,Atlantic Ave,Virginia Beach Blvd|5600
VA|Norfolk|23510|36.8525|-76.2886|2|Granby St,E Brambleton Ave,Colley Ave|5620
WA|Seattle|98101|47.6114|-122.3345|6|Pike St,3rd Ave,Pine St,4th Ave|5640
WA|Spokane|99201|47.6630|-117.4331|2|W Riverside Ave,N Monroe St,W 3rd Ave|5660
WA|Tacoma|98402|47.2543|-122.4424|2|Pacific Ave,Broadway,S 9th St|5680
WV|Charleston|25301|38.3498|-81.6326|2|Virginia St E,Washington St E,Quarrier St|5700
WV|Huntington|25701|38.4086|-82.4415|2|5th Ave,3rd Ave,Hal Greer Blvd|5720
WI|Milwaukee|53202|43.0445|-87.9001|4|N Water St,E Wisconsin Ave,N Van Buren St|5740
WI|Madison|53703|43.0778|-89.3753|2|E Washington Ave,State St,Williamson St|5760
WY|Cheyenne|82001|41.1440|-104.7962|2|Lincolnway,Central Ave,Warren Ave|5780
WY|Casper|82601|42.8585|-106.3200|2|E 2nd St,S Center St,CY Ave|5800
`;
