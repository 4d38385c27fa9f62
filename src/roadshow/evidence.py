from typing import Any
Adopter=Any
