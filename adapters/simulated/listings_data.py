"""The shares, indices, commodities, currencies and coins of the simulated market: names, prices near those of 2026.

Lots, tick sizes and strike steps are the exchanges' of 2026. Plain tables, so that they can be read and corrected.
"""

from __future__ import annotations

from typing import NamedTuple

from market.exchanges import Exchange


class Share(NamedTuple):
    """A share: `lot` is of its futures, 0 where it has none; `rate` in ticks a second of continuous trading."""

    symbol: str
    name: str
    price: float
    rate: float = 1.0
    lot: int = 0


class Index(NamedTuple):
    """An index. `lot` is 0 where nothing is traded on it; `volatility` a year."""

    exchange: Exchange
    symbol: str
    name: str
    price: float
    lot: int = 0
    future_tick: float = 0.05
    strike_step: float = 50.0
    volatility: float = 0.13


class Contract(NamedTuple):
    """A commodity or a currency: futures on the days of the month that `expiry_day` is nearest to."""

    exchange: Exchange
    root: str
    name: str
    price: float
    tick_size: float
    lot: int
    expiry_day: int
    volatility: float
    months: int = 3


class Coin(NamedTuple):
    """A crypto pair or perpetual, traded in steps of `lot`."""

    symbol: str
    name: str
    price: float
    tick_size: float
    lot: float
    volatility: float = 0.55


SHARES = (
    Share("RELIANCE", "Reliance Industries", 1312.4, 5.0, 500),
    Share("HDFCBANK", "HDFC Bank", 781.35, 5.0, 650),
    Share("ICICIBANK", "ICICI Bank", 1421.6, 5.0, 700),
    Share("INFY", "Infosys", 1142.3, 4.0, 400),
    Share("TCS", "Tata Consultancy Services", 2304.5, 4.0, 225),
    Share("SBIN", "State Bank of India", 1058.7, 5.0, 750),
    Share("BHARTIARTL", "Bharti Airtel", 1962.1, 4.0, 475),
    Share("ITC", "ITC", 285.4, 4.0, 1725),
    Share("LT", "Larsen & Toubro", 4003.6, 3.0, 175),
    Share("AXISBANK", "Axis Bank", 1298.8, 4.0, 625),
    Share("KOTAKBANK", "Kotak Mahindra Bank", 391.15, 3.0, 2000),
    Share("M&M", "Mahindra & Mahindra", 3297.2, 3.0, 200),
    Share("BAJAJ-AUTO", "Bajaj Auto", 11302.0, 2.0, 75),
    Share("MARUTI", "Maruti Suzuki India", 14015.0, 2.0, 50),
    Share("SUNPHARMA", "Sun Pharmaceutical", 1938.9, 2.0, 350),
    Share("TATASTEEL", "Tata Steel", 190.42, 4.0, 2750),
    Share("TMPV", "Tata Motors Passenger Vehicles", 339.85, 4.0, 1600),
    Share("BAJFINANCE", "Bajaj Finance", 1081.3, 3.0, 750),
    Share("ADANIENT", "Adani Enterprises", 3104.7, 3.0, 309),
    Share("HINDUNILVR", "Hindustan Unilever", 2161.4, 2.0, 300),
    Share("ONGC", "Oil & Natural Gas Corporation", 245.18, 3.0, 2250),
    Share("ETERNAL", "Eternal", 300.25, 4.0, 2425),
    Share("NTPC", "NTPC", 350.6, 2.0),
    Share("POWERGRID", "Power Grid Corporation", 277.55, 2.0),
    Share("TITAN", "Titan Company", 4802.3, 2.0),
    Share("ASIANPAINT", "Asian Paints", 2741.8),
    Share("ULTRACEMCO", "UltraTech Cement", 11804.0),
    Share("NESTLEIND", "Nestle India", 1471.2),
    Share("WIPRO", "Wipro", 182.64, 3.0),
    Share("HCLTECH", "HCL Technologies", 1239.5, 2.0),
    Share("TECHM", "Tech Mahindra", 1541.9),
    Share("JSWSTEEL", "JSW Steel", 1301.4, 2.0),
    Share("COALINDIA", "Coal India", 425.35, 2.0),
    Share("GRASIM", "Grasim Industries", 3279.6),
    Share("HINDALCO", "Hindalco Industries", 1019.8, 2.0),
    Share("CIPLA", "Cipla", 1459.7),
    Share("DRREDDY", "Dr. Reddy's Laboratories", 1221.3),
    Share("EICHERMOT", "Eicher Motors", 7802.5),
    Share("HEROMOTOCO", "Hero MotoCorp", 5301.5),
    Share("APOLLOHOSP", "Apollo Hospitals", 8803.0),
    Share("BAJAJFINSV", "Bajaj Finserv", 1981.6, 2.0),
    Share("BRITANNIA", "Britannia Industries", 5502.5),
    Share("INDUSINDBK", "IndusInd Bank", 1029.4, 2.0),
    Share("ADANIPORTS", "Adani Ports", 1779.3, 2.0),
    Share("TRENT", "Trent", 3051.7, 2.0),
    Share("BEL", "Bharat Electronics", 405.2, 3.0),
    Share("JIOFIN", "Jio Financial Services", 252.65, 3.0),
    Share("SHRIRAMFIN", "Shriram Finance", 1079.9),
    Share("SBILIFE", "SBI Life Insurance", 1861.1),
    Share("HDFCLIFE", "HDFC Life Insurance", 555.45),
    Share("TATACONSUM", "Tata Consumer Products", 1089.8),
    Share("MAXHEALTH", "Max Healthcare", 1080.6),
    Share("INDIGO", "InterGlobe Aviation", 5199.5, 2.0),
    Share("VEDL", "Vedanta", 285.9, 3.0),
    Share("PNB", "Punjab National Bank", 113.27, 3.0),
    Share("BANKBARODA", "Bank of Baroda", 255.1, 2.0),
    Share("CANBK", "Canara Bank", 130.14, 2.0),
    Share("TATAPOWER", "Tata Power", 385.7, 2.0),
    Share("DLF", "DLF", 660.35, 2.0),
    Share("HAL", "Hindustan Aeronautics", 4748.9, 2.0),
    Share("IDEA", "Vodafone Idea", 15.03, 4.0),
    Share("YESBANK", "Yes Bank", 25.06, 3.0),
    Share("ZYDUSLIFE", "Zydus Lifesciences", 1161.5, 0.5),
    Share("LUPIN", "Lupin", 2338.4, 0.8),
    Share("DIVISLAB", "Divi's Laboratories", 7898.5, 0.5),
    Share("PIDILITIND", "Pidilite Industries", 1639.7, 0.5),
    Share("SIEMENS", "Siemens", 3751.8, 0.5),
    Share("BOSCHLTD", "Bosch", 44505.0, 0.5),
    Share("GAIL", "GAIL (India)", 175.36, 2.0),
    Share("IOC", "Indian Oil Corporation", 142.58, 2.0),
    Share("BPCL", "Bharat Petroleum", 320.15, 2.0),
    Share("PAYTM", "One97 Communications", 1438.2, 2.0),
    Share("IRFC", "Indian Railway Finance", 90.11, 2.0),
    Share("SUZLON", "Suzlon Energy", 53.08, 3.0),
)
BSE_SHARES = ("RELIANCE", "TCS", "INFY", "HDFCBANK", "ICICIBANK", "SBIN", "ITC", "M&M", "TATASTEEL", "BAJAJ-AUTO")

INDICES = (
    Index(Exchange.NSE_INDEX, "NIFTY", "Nifty 50", 24212.35, 65, 0.1, 50.0, 0.12),
    Index(Exchange.NSE_INDEX, "BANKNIFTY", "Nifty Bank", 56318.6, 30, 0.2, 100.0, 0.14),
    Index(Exchange.NSE_INDEX, "FINNIFTY", "Nifty Financial Services", 26041.9, 60, 0.1, 50.0, 0.14),
    Index(Exchange.NSE_INDEX, "MIDCPNIFTY", "Nifty Midcap Select", 14346.75, 120, 0.05, 25.0, 0.16),
    Index(Exchange.NSE_INDEX, "NIFTYNXT50", "Nifty Next 50", 71604.2, volatility=0.15),
    Index(Exchange.NSE_INDEX, "NIFTYIT", "Nifty IT", 29874.4, volatility=0.18),
    Index(Exchange.NSE_INDEX, "NIFTYPHARMA", "Nifty Pharma", 24105.8, volatility=0.16),
    Index(Exchange.NSE_INDEX, "INDIAVIX", "India VIX", 13.42, volatility=0.7),
    Index(Exchange.BSE_INDEX, "SENSEX", "S&P BSE Sensex", 77604.85, 20, 0.05, 100.0, 0.12),
    Index(Exchange.BSE_INDEX, "BANKEX", "S&P BSE Bankex", 63412.3, 30, 0.05, 100.0, 0.14),
    Index(Exchange.MCX_INDEX, "MCXBULLDEX", "MCX iCOMDEX Bullion", 30215.0, volatility=0.18),
    Index(Exchange.GLOBAL_INDEX, "US30", "Dow Jones Industrial Average", 49820.4, volatility=0.14),
    Index(Exchange.GLOBAL_INDEX, "JAPAN225", "Nikkei 225", 55240.1, volatility=0.2),
)

CONTRACTS = (
    Contract(Exchange.MCX, "GOLD", "Gold 1 kg", 128450.0, 1.0, 100, 5, 0.16, 2),
    Contract(Exchange.MCX, "GOLDM", "Gold 100 g", 128310.0, 1.0, 10, 5, 0.16, 2),
    Contract(Exchange.MCX, "SILVER", "Silver 30 kg", 162300.0, 1.0, 30, 5, 0.28, 2),
    Contract(Exchange.MCX, "SILVERM", "Silver 5 kg", 162280.0, 1.0, 5, 28, 0.28, 2),
    Contract(Exchange.MCX, "CRUDEOIL", "Crude oil 100 bbl", 5742.0, 1.0, 100, 19, 0.36, 3),
    Contract(Exchange.MCX, "NATURALGAS", "Natural gas 1250 mmBtu", 352.4, 0.1, 1250, 26, 0.5, 3),
    Contract(Exchange.MCX, "COPPER", "Copper 2.5 t", 1012.35, 0.05, 2500, 28, 0.22, 2),
    Contract(Exchange.MCX, "ZINC", "Zinc 5 t", 301.55, 0.05, 5000, 28, 0.22, 2),
    Contract(Exchange.CDS, "USDINR", "US dollar", 88.4125, 0.0025, 1, 27, 0.035, 3),
    Contract(Exchange.CDS, "EURINR", "Euro", 103.155, 0.0025, 1, 27, 0.07, 3),
    Contract(Exchange.CDS, "GBPINR", "Pound sterling", 117.9425, 0.0025, 1, 27, 0.075, 2),
    Contract(Exchange.CDS, "JPYINR", "100 Japanese yen", 58.205, 0.0025, 1, 27, 0.09, 2),
)

COINS = (
    Coin("BTCUSDFUT", "Bitcoin perpetual", 91250.0, 0.5, 0.001, 0.45),
    Coin("ETHUSDFUT", "Ether perpetual", 3015.0, 0.05, 0.01, 0.6),
    Coin("SOLUSDFUT", "Solana perpetual", 141.2, 0.01, 0.1, 0.75),
    Coin("BTCINR", "Bitcoin", 8067500.0, 1.0, 0.00001, 0.45),
    Coin("ETHINR", "Ether", 266550.0, 0.1, 0.0001, 0.6),
    Coin("SOL_INR", "Solana", 12484.0, 0.01, 0.001, 0.75),
    Coin("BTCUSDT", "Bitcoin", 91240.0, 0.01, 0.00001, 0.45),
)
