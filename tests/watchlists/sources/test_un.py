from pathlib import Path

import pytest

from watchlists.lookouts import SnapshotError
from watchlists.sources import un

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST><INDIVIDUALS>
<INDIVIDUAL><DATAID>7</DATAID><FIRST_NAME>ABU</FIRST_NAME><SECOND_NAME>BAKR</SECOND_NAME><THIRD_NAME/>
 <UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE><NAME_ORIGINAL_SCRIPT>أبو بكر</NAME_ORIGINAL_SCRIPT>
 <NATIONALITY><VALUE>Democratic Republic of the Congo</VALUE><VALUE>Nowhere</VALUE></NATIONALITY>
 <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Bakr Abou</ALIAS_NAME></INDIVIDUAL_ALIAS>
 <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The  Eagle</ALIAS_NAME></INDIVIDUAL_ALIAS>
 <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
 <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1970-03-12</DATE></INDIVIDUAL_DATE_OF_BIRTH>
 <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
 <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1975</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
 <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE>
  <FROM_YEAR>1980</FROM_YEAR><TO_YEAR>1983</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
 <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1970-02-30</DATE></INDIVIDUAL_DATE_OF_BIRTH>
 <INDIVIDUAL_PLACE_OF_BIRTH><CITY>Baghdad</CITY><COUNTRY>Iraq</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
 <INDIVIDUAL_PLACE_OF_BIRTH><COUNTRY/></INDIVIDUAL_PLACE_OF_BIRTH>
 <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>
  <NUMBER>A 12-34567</NUMBER><ISSUING_COUNTRY>Iraq</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
 <INDIVIDUAL_DOCUMENT/>
</INDIVIDUAL>
<INDIVIDUAL><DATAID>8</DATAID><FIRST_NAME/></INDIVIDUAL>
</INDIVIDUALS><ENTITIES><ENTITY><DATAID>9</DATAID><FIRST_NAME>A COMPANY</FIRST_NAME></ENTITY></ENTITIES></CONSOLIDATED_LIST>
"""


def test_individuals_with_graded_aliases_and_every_kind_of_date(tmp_path: Path) -> None:
    file = tmp_path / "un.xml"
    file.write_text(LIST)
    read = un.read(file)
    assert read.lookouts.height == 1
    person = read.lookouts.row(0, named=True)
    assert (person["entry_id"], person["name"]) == ("UN-7", "ABU BAKR")
    assert person["aliases"] == ["أبو بكر", "Bakr Abou"]
    assert person["weak_aliases"] == ["The Eagle"]
    assert person["dobs"] == ["1970-03-12", "1971", "1973/1977", "1980/1983"]
    assert person["countries"] == ["COD"]
    assert person["birthplaces"] == ["Baghdad, Iraq"]
    assert person["documents"] == [{"type": "P", "number": "A1234567", "issuer": "IRQ"}]
    assert person["category"] == "national_security"
    assert [(skip.line, skip.value) for skip in read.skipped] == [(1, "1970-02-30"), (2, "8")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not readable as XML"),
        (b"<CONSOLIDATED_LIST><INDIVIDUALS>", "not readable as XML"),
        (b"<html/>", "<html> is not the UN consolidated list"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>', "not readable as XML"),
    ],
)
def test_what_is_not_the_list_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "un.xml"
    file.write_bytes(content)
    with pytest.raises(SnapshotError, match=said):
        un.read(file)
