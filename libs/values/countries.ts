import { z } from 'zod';
import { breach } from './value-rule.js';

/** ISO 3166-1 alpha-2: the officially assigned codes. */
const ASSIGNED = `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
  CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
  GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM
  KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
  NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ
  SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU
  WF WS YE YT ZA ZM ZW`;
/** ISO 3166-3: the codes of countries that are no more, and with which agreements were made. */
const FORMER = 'AN BU CS DD DY FX HV NH NT RH SU TP VD YD YU ZR';

/** Kosovo has none; this one is left to users by ISO 3166-1, and all use it so. */
const KOSOVO = 'XK';

/** The codes of countries, of today and of once, in their order. */
export const COUNTRIES: readonly string[] = `${ASSIGNED} ${FORMER} ${KOSOVO}`.split(/\s+/).sort();
const KNOWN = new Set(COUNTRIES);

/** A country by its code in ISO 3166-1 alpha-2; those that are no more count too. */
export const country = z
  .string()
  .regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166-1 code of two capital letters, like MA', abort: true })
  .superRefine((code, context) => {
    if (!KNOWN.has(code)) breach(context, 'country', `'${code}' is no country of ISO 3166-1; MA is one`);
  })
  .meta({ examples: ['MA'] });
