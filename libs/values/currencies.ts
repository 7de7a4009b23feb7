import { z } from 'zod';
import { breach } from './value-rule.js';

/**
 * ISO 4217, list one (funds and metals left out): what is current, by how many decimals its minor unit has. The source is the
 * maintenance agency's table (https://www.six-group.com/en/products-services/financial-information/data-standards.html).
 */
const CURRENT: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
    CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
    KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/**
 * ISO 4217, list three: what was current once. That list does not give minor units; those of Unicode CLDR (supplemental data,
 * fractions) stand for them.
 */
const HISTORIC: Record<number, string> = {
  0: 'ADP BYB BYR ESP ITL LUF MGF TPE TRL',
  2: `AFA ALK AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEF BEL BGJ BGK BGL BOP BRB BRC BRE BRN BRR BUK CHC CSD CSJ CSK
    CUC CYP DDM DEM ECS ECV EEK ESA ESB FIM FRF GEK GHC GHP GNE GNS GQE GRD GWE GWP HRD HRK IEP ILP ILR ISJ LAJ LSM LTL
    LTT LUC LUL LVL LVR MAF MLF MRO MTL MTP MVQ MXP MZE MZM NIC NLG PEH PEI PES PLZ PTE RHD ROK ROL RUR SDD SDP SIT SKK
    SLL SRG STD SUR TJR TMM UAK UGS UGW UYN UYP VEB VEF VNC XEU XFO XFU YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN
    ZWR`,
};

const MINOR_UNITS = new Map(
  [CURRENT, HISTORIC].flatMap((list) =>
    Object.entries(list).flatMap(([units, codes]) => codes.split(/\s+/).map((code) => [code, Number(units)] as const)),
  ),
);

/** How many decimals an amount in a currency has at most; undefined for what is no currency of ISO 4217. */
export const minorUnitsOf = (code: string): number | undefined => MINOR_UNITS.get(code);

/** A currency of ISO 4217, current or historic (FRF, DEM). */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'must be an ISO 4217 code of three capital letters, like EUR', abort: true })
  .superRefine((code, context) => {
    if (!MINOR_UNITS.has(code)) breach(context, 'currency', `'${code}' is no currency of ISO 4217; EUR is one`);
  })
  .meta({ examples: ['EUR', 'MAD'] });
