"""Files as vendors write them, with the command that imports each: docs/DATA.md is made of this."""

from tests.training.market_data.vendors_of_charts import CHARTS
from tests.training.market_data.vendors_of_data import SERVICES
from tests.training.market_data.vendors_of_exchanges import EXCHANGES

VENDORS = (*CHARTS, *SERVICES, *EXCHANGES)
