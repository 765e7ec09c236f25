"""The words pages use: labels, headings, notices. Data, with nothing of any one site in it."""

from __future__ import annotations

import re

from crawler.reading.phrases import Phrases

LABELS: dict[str, tuple[str, ...]] = {
    "doc_id": ("ID", "文档ID", "文档编号", "文件编号", "资源编号", "资料编号", "编号", "文档号", "文檔編號", "編號", "Document ID", "Doc ID",
               "Item ID", "Record ID", "Identifier", "Accession number", "Accession No", "Handle", "DOI", "URI", "dc.identifier.uri",
               "dc.identifier", "Permalink", "Persistent identifier", "Document reference", "Document Ref", "Record number", "Record No", "System Id", "File ID", "资源ID", "文件ID", "文档代码", "资料ID", "ID号", "Item number", "Product number", "Paper No", "Paper No.", "Paper number", "标准号", "标准编号", "Item no", "Catalogue number", "CELEX number", "ERIC Number", "Media neutral citation", "Neutral citation", "Case number", "Object ID", "项目编号", "信息编号", "Publication number", "Catalog number", "SEC Accession No.", "SEC Accession Number", "Accession Number", "表單編號", "表单编号", "编码", "文书编号", "记录号", "登记号", "Granule ID", "Package ID", "Document id", "Publication ID", "Record ID", "Deposit ID", "Report ID", "Resource ID", "arXiv", "PMID", "公告编号", "公告編號", "Publication No.", "Publication No", "Pub. No.", "Pub No", "系統識別號", "系统识别号", "論文編號", "论文编号"),
    "size": ("大小", "文件大小", "文档大小", "资源大小", "资料大小", "附件大小", "檔案大小", "文件大小(KB)", "容量", "Size", "File size", "Filesize",
             "Document size", "File Size", "dc.format.extent", "文件体积", "文档容量", "软件大小", "课件大小", "试卷大小", "附件尺寸", "文件尺寸", "檔案尺寸", "Total size", "Download size", "File Size", "Content size", "Bytes", "Filesize", "資料大小", "文件容量", "檔案容量", "附件容量", "文件长度", "Media size", "PDF size", "Size on disk", "Size of file", "Size of the file", "Size of document", "檔案容量大小"),
    "pages": ("Page", "页数", "总页数", "文档页数", "页码", "頁數", "總頁數", "共", "幻灯片数", "Pages", "Number of pages", "No. of pages", "Page count", "Page Number",
              "Total pages", "Page Count", "Slides", "Length", "Extent", "页數", "頁码", "文档页码", "总頁數", "全文页数", "资料页数", "幻灯片", "Page(s)", "Pagination", "Physical description", "Number of Pages", "No. of pages", "Pages total", "Page number total", "篇幅", "文件頁數", "幻灯片数量", "Slide count", "Total slides", "Pages in document", "Media count", "總頁碼", "Page numbers", "Num pages", "Number of slides", "Sheets", "Folios", "篇页数", "Nr. of pages", "Page total", "Print pages", "标准页数", "文件页数", "图书页数", "论文页数", "报告页数", "書籍頁數", "論文頁數", "报告頁數", "報告頁數", "张数", "張數"),
    "format": ("格式", "文本格式", "下载格式", "Uploaded as", "文件格式", "文档格式", "资源格式", "资料格式", "文件类型", "文档类型", "文件類型", "檔案格式", "電子檔格式", "类型", "Format", "File format", "File type", "Document format",
               "File Format", "dc.format", "dc.format.mimetype", "Type", "文件后缀", "后缀", "扩展名", "文件扩展名", "文件格式", "檔案類型", "檔案形式", "MIME type", "Mimetype", "File extension", "Extension", "Available formats", "Available format", "Content type", "Media type", "素材类型", "文件形式", "附件格式", "文件格式类型", "檔案格式類型", "Available Formats", "File formats", "File Type", "Media Type", "Document Format", "Document type", "MIME类型", "MIME類型", "MIME-Typ", "附件类型", "资源类型格式", "资料类型", "資料類型", "资料形式"),
    "published": ("授权公告日", "公告日", "公开日", "公开(公告)日", "公开（公告）日", "公开公告日", "发布时间", "发布日期", "发布于", "发文日期", "发布", "公开日期", "公布日期", "印发日期", "成文日期", "生成日期", "出版日期", "出版时间", "發布日期", "發佈日期", "公布時間", "發文日期",
                  "Published", "Publication date", "Date published", "Publish date", "Issue date", "Issue Date", "Date issued", "Issued", "Date of publication",
                  "Published on", "Released", "Release date", "Opinion Filed", "dc.date.issued", "Publication Date", "Year", "Date Issued", "Published date", "发文时间", "发布日", "公布时间", "公告日期", "公告日", "公告时间", "披露时间", "披露日期", "印发时间", "发稿时间", "出台日期", "刊登日期", "發文時間", "發布時間", "發佈時間", "刊登日期", "公開日期", "发行日期", "颁布日期", "颁布时间", "信息发布日期", "Date of document", "Document date", "Judgment date", "Date of judgment", "Decision date", "Date of decision", "Date tabled", "Tabled", "Tabled date", "Date Published", "Notice date", "Date of notice", "Date made public", "Publicly released", "First published", "First posted", "Published at", "Date of issue", "Date of report", "Report date", "Gazette date", "Date gazetted", "Pub date", "Pub. date", "Release", "Published Date", "Issue year", "Publication year", "Date of adoption", "Adopted", "Date de publication", "Publication Date(s)", "Year of publication", "Year published", "Release Date", "Filing Date", "Filed", "Date filed", "Filed on", "Date Filed", "上版日期", "張貼日", "張貼日期", "上架日", "上線日期", "公告時間", "公佈日期", "公佈時間", "刊登時間", "發表日期", "发表日期", "发布年份", "出版年", "出版年份", "Document Date", "Date of document", "First Published", "Date of release", "Pub Date", "Publication month", "Date (published)", "Online publication date", "Date of filing", "Publicly available", "Date announced", "Announcement date", "Decided", "Date decided", "刊發日期", "刊发日期", "在线发布日期", "在线发布时间", "在线公开时间", "在线公开日期", "在线出版日期", "网络出版日期", "网络出版时间", "网络首发日期", "网络首发时间", "發放時間", "发放时间", "論文出版年", "论文出版年", "文件日期", "Date of Award", "發出日期", "发出日期"),
    "uploaded": ("Date of creation", "上传时间", "上传日期", "上传于", "时间", "日期", "上傳時間", "上傳日期", "添加时间", "收录时间", "入库时间", "创建时间", "Created at", "Uploaded at", "Posted at", "Submitted at", "Added at", "Uploaded", "Upload date", "Uploaded on",
                 "Date added", "Added", "Date uploaded", "Date", "Posted", "Posted on", "Created", "上传", "上传日", "发表时间", "發表時間", "创建日期", "建立日期", "建檔日期", "上架时间", "上架日期", "录入时间", "入库日期", "登载时间", "Date registered", "Registered", "Registration date", "Upload time", "Date created", "Created on", "Create date", "Creation date", "Created date", "Date Posted", "Post date", "Shared on", "Submitted", "Submitted on", "Submission date", "Date submitted", "Added on", "Entry date", "Listed", "Date uploaded", "Upload Date", "Data uploaded", "上傳日", "建檔日", "刊登日", "提供日期", "Date posted", "Date shared", "分享时间", "分享日期", "分享于", "分享時間"),
    "deposited": ("Received", "Date received", "Received on", "提交时间", "提交日期", "裁判日期", "判决日期", "裁决日期", "Deposited", "Date deposited", "Deposit date", "Date available", "dc.date.available", "dc.date.accessioned", "Available", "Deposited on", "Date Deposited", "Depositing date", "Online date", "Available online", "Date of deposit", "Record created", "Indexed"),
    "tags": ("标签", "关键词", "关键字", "主题词", "标签词", "標籤", "關鍵詞", "關鍵字", "Tags", "Keywords", "Uncontrolled Keywords", "Key words", "Tagged in", "Tagged with", "Tagged as", "Tagged", "Subject", "Subjects", "Topics", "Topic", "dc.subject", "Keyword", "Tag", "标 签", "关键字词", "主题分类词", "关键词语", "主題詞", "主題", "标签:", "Descriptors", "Descriptor", "Catchwords", "Categories and tags", "Keyword(s)", "Subject(s)", "Author keywords", "EUROVOC descriptor", "EuroVoc", "Subject headings", "Physics Subject Headings (PhySH)", "Index terms", "Free keywords", "Subject terms", "Major descriptors", "文档标签", "相关标签", "Tagged", "Tagged with", "Labels", "Theme", "Subject area tags", "標簽", "关键词标签", "热门标签词", "文献主题", "主題分類", "Keywords and phrases", "Subject keywords", "Topics and tags", "Key terms", "Keywords and subjects", "Subjects and keywords", "知识点", "知識點", "中文關鍵詞", "中文关键词", "中文關鍵字", "中文关键字"),
    "issuer": ("发文机关", "审理法院", "裁判法院", "发布机构", "发文单位", "发布单位", "制定机关", "来源", "發文機關", "發布機關", "From", "Organisation", "Organization", "Publisher", "dc.publisher", "Issued by",
               "Published by", "Agency", "Department", "Institution", "信息来源", "发文部门", "公开责任部门", "公开主体", "发布者", "发布部门", "发文機關", "发布机关", "责任单位", "出版单位", "制发机关", "发布单位", "Issuing body", "Issuing authority", "Corporate author", "Corporate author(s)", "Organisation name", "Authority", "Company name", "Originator", "Publishing body", "Author organisation", "Corporate Author", "主办单位", "發布單位", "發文單位", "提供機關", "发布单位名称", "發布機構", "主管部门", "归口部门", "Court", "Filer", "Public body", "Public authority", "Provider", "Owner organisation", "Lead organisation", "发布部门名称", "供稿单位", "承办部门", "承辦單位", "資料提供單位", "Filed by"),
    "document_number": ("文号", "Neutral Citation Number", "Neutral Citation", "Case No", "Case Number", "案号", "案號", "发文字号", "文件号", "发文文号", "索引号", "文號", "發文字號", "Document number", "Reference", "Reference number", "Report number", "Document No", "Ref", "发文号", "文件编号(文号)", "公文文号", "标准号", "發文文號", "Document symbol", "Symbol", "Report no", "Report No.", "Report number", "Reference No", "Reference No.", "Ref. No", "Ref no", "Gazette number", "Document code", "Drawing number", "Document No.", "Order number", "Technical report number", "Command paper number", "Act number", "Act no", "Regulation number", "Standard number", "Standard No.", "Standard no", "標準號", "标准代号", "文件編號", "公告文号", "公文号", "Legislation number", "Docket number", "Bill number", "Instrument number"),
    "title": ("标题", "名称", "文档名称", "文件名称", "題名", "名稱", "標題", "Title", "dc.title", "Document title", "Name", "标准名称", "中文标准名称", "中文名称", "论文题目", "题名", "书名", "文献名称", "文件标题", "案件名称", "信息名称", "公开事项名称", "Full title", "Short title", "Main title", "Title of document", "論文名稱", "论文名称", "論文題目", "標準名稱"),
    "abstract": ("摘要", "简介", "内容简介", "文档简介", "内容摘要", "资源简介", "簡介", "内容提要", "文摘", "Abstract", "Summary", "Description", "dc.description.abstract", "dc.description", "Overview", "内容概述", "说明", "說明", "内容说明", "內容說明", "檔案說明", "文件說明", "文档介绍", "资料简介", "资料介绍", "内容介绍", "Document description", "Plain language summary", "Synopsis", "概要", "大纲"),
    "counter": ("浏览", "浏览量", "浏览次数", "阅读", "阅读量", "阅读次数", "下载", "下载量", "下载次数", "点击", "点击量", "收藏", "收藏数", "评论", "Views", "Downloads", "View count", "Download count", "Hits", "Likes", "Citations", "人气", "热度", "点赞", "赞", "评分", "浏览数", "浏览人数", "访问量", "访问次数", "阅读数", "下载数", "下载人次", "下载人数", "关注", "点击率", "点击数", "瀏覽次數", "瀏覽人次", "下載次數", "点阅", "點閱數", "點閱次數", "Rating", "Votes", "Cited by", "Reads", "Followers", "Shares", "Times downloaded", "Times viewed", "Total downloads", "Total views", "Hits:", "Number of downloads", "Favourites", "Favorites", "Bookmarks", "Impressions", "Visits", "Download times", "File downloads", "Reactions", "Recommendations", "浏览", "查看次数", "查看", "收藏人数", "热度值", "人气值", "浏览量(次)", "Total Views", "Total Downloads", "Total Files", "Followers", "Comments", "粉丝", "Data volume", "Total data volume", "Datenvolumen", "瀏覽數", "瀏覽量", "下載數", "觀看次數", "下載人數", "點閱", "被引用", "點擊數", "推荐数", "Bookmarked", "Saves"),
    "never": ("覆檢日期", "覆检日期", "更新于", "Last modified at", "Updated at", "Modified at", "Expire on", "Expires on", "Expire date", "更新时间", "修改时间", "最后更新", "修改日期", "更新日期", "更新於", "最近更新", "Updated", "Last updated", "Last modified", "Modified", "Date modified", "Accepted", "Effective", "Effective date",
              "生效日期", "施行日期", "实施日期", "有效期", "Date accepted", "dc.date.updated", "dc.date.modified", "dc.date.created", "Version", "注册时间", "过期时间", "截止时间", "最后修改", "最后修改时间", "修订日期", "废止日期", "终审日期", "失效日期", "截止日期", "最後更新", "更新日期", "最後更新日期", "最后更新时间", "Modified on", "Last Updated", "Last update", "Date updated", "Updated on", "Last Modified", "Modified date", "Date revised", "Revised", "Date accepted for publication", "Date of dispatch", "Deadline", "Expires", "Expiry date", "Date indexed", "Closing date", "Hearing date", "Date of hearing", "Date heard", "Commencement", "Effective from", "In force", "Date of entry into force", "Coverage date", "Date range", "Member since", "Joined", "Date of birth", "审核时间", "Reviewed", "Next review", "Review date", "Last reviewed", "Date of effect", "End date", "Start date", "Scanned", "Date scanned", "Date captured", "Harvested", "口試日期", "答辩日期", "答辯日期", "Argued", "Date argued", "Reargued", "Argued on", "作废日期", "作廢日期", "收稿日期", "收稿时间", "录用日期", "录用时间", "接受日期"),
    "uploader": ("上传者", "上传人", "上传用户", "上传会员", "分享者", "贡献者", "提供者", "發佈者", "上傳者", "張貼人", "Uploaded by", "Posted by",
                 "Shared by", "Submitted by", "Contributed by", "Uploader", "Contributor", "Added by", "Depositing User", "Deposited by"),
}  # fmt: skip
"""Record field -> labels, simplified and traditional Chinese and English. Sources: the listing pages of document-sharing
sites, the Chinese government's information-disclosure index (GB/T 19488.2), Dublin Core terms, DSpace and EPrints."""

_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "doc_id": ("Dokumentnummer", "Dokument-ID", "Datensatz-ID", "Número de documento", "Numéro de document"),
    "size": ("Tamaño", "Größe der Datei", "Dateigrösse", "Tamaño de archivo", "Tamaño del fichero", "Poids du fichier", "Tamaño del archivo", "Peso", "Taille", "Taille du fichier", "Poids", "Größe", "Dateigröße", "Dimensione",
             "Dimensioni", "Tamanho", "Tamanho do arquivo", "Grootte", "Bestandsgrootte", "サイズ", "ファイルサイズ", "Filstorlek"),
    "pages": ("Páginas", "Número de páginas", "Diapositivas", "Nombre de pages", "Seiten", "Umfang", "Umfang (Seiten)", "Seitenumfang", "Seitenzahl", "Seitenanzahl", "Anzahl Seiten",
              "Pagine", "Numero di pagine", "Pagina's", "Aantal pagina's", "Folien", "ページ数", "Sidor", "Antal sidor", "Sidantal"),
    "format": ("Formato", "Formato del archivo", "Tipo de archivo", "Formatos disponibles", "Formato del documento", "Format du fichier",
               "Type de fichier", "Dateiformat", "Dateityp", "Formato file", "Tipo de arquivo", "Bestandstype", "Bestandsformaat", "形式", "Filformat", "Filtyp", "Mimetyp"),
    "published": ("Fecha de publicación", "Publicado", "Publicado el", "Date de publication", "Publié le", "Mis en ligne le", "Veröffentlicht am", "Eingestellt am", "Erstellt am", "Erstellungsdatum", "Hochgeladen am",
                  "Veröffentlicht", "Erschienen", "Erscheinungsdatum", "Veröffentlichungsdatum", "Data di pubblicazione", "Pubblicato il",
                  "Data de publicação", "Publicado em", "Gepubliceerd op", "Publicatiedatum", "公開日", "発行日", "Année de publication",
                  "Año", "Erscheinungsjahr", "Datum der Veröffentlichung", "Datum der Erstveröffentlichung", "Jahr der Erstveröffentlichung",
                  "Erstveröffentlichung", "Erstmals veröffentlicht", "Jahr der Veröffentlichung", "Veröffentlichungsjahr", "Fecha de emisión",
                  "Date de parution", "Paru le", "Date de mise en ligne", "Année de parution", "Año de publicación", "Ano de publicação",
                  "Fecha de la resolución", "Fecha de resolución", "Fecha de salida", "Fecha salida", "Fecha de la sentencia",
                  "Data tal-pubblikazzjoni", "Publiceringsdatum", "Publicerad", "Utgivningsår", "Utgivningsdatum"),
    "uploaded": ("Fecha de carga", "Fecha de subida", "Subido el", "Fecha", "Date de dépôt", "Date d'ajout", "Ajouté le", "Datum", "Hochgeladen am",
                 "Hochgeladen", "Caricato il", "Data di caricamento", "Data", "Enviado em", "Data de envio", "Geüpload op", "アップロード日", "Eingestellt am", "Hinzugefügt am",
                 "Upload-Datum"),
    "deposited": ("Datum der Freischaltung", "Freischaltung", "Freigeschaltet am", "Freigabedatum", "Tillgänglig från"),
    "tags": ("Etiquetas", "Palabras clave", "Mots-clés", "Mots clés", "Schlagwörter", "Schlagworte", "Stichwörter", "Parole chiave", "Etichette",
             "Palavras-chave", "Trefwoorden", "キーワード", "タグ", "Schlagwort", "Freies Schlagwort", "Freie Schlagwörter", "Freie Schlagworte",
             "Mot-clé", "Mot clé", "Descripteurs", "Descriptores", "Palabra clave", "Materias", "Nyckelord", "Ämnesord"),
    "issuer": ("Organismo", "Órgano", "Órgano emisor", "Unidad resolutoria", "Institución", "Éditeur", "Organisme", "Herausgeber", "Behörde", "Körperschaft", "Ente", "Editore", "Órgão", "Uitgever", "発行者", "Utgivare"),
    "uploader": ("Cargado por", "Subido por", "Déposé par", "Ajouté par", "Hochgeladen von", "Caricato da", "Enviado por", "Geüpload door"),
    "title": ("Título", "Titre", "Titel", "Titolo"),
    "imprint": ("出处", "出處", "Ort, förlag, år, upplaga, sidor", "Place, publisher, year, edition, pages", "Sted, utgiver, år, opplag, sider"),
    "abstract": ("Resumen", "Descripción", "Résumé", "Zusammenfassung", "Beschreibung", "Riassunto", "Descrizione", "Resumo", "Descrição",
                 "Samenvatting", "Beschrijving", "要旨", "概要", "Sammanfattning"),
    "counter": ("Vistas", "Descargas", "Visualizaciones", "Vues", "Téléchargements", "Aufrufe", "Visite", "Visualizzazioni", "Visualizações",
                "Weergaven", "閲覧数", "Nedladdningar", "Visningar"),
    "never": ("Última actualización", "Dernière mise à jour", "Modifié le", "Zuletzt aktualisiert", "Letzte Änderung", "Ultimo aggiornamento",
              "Última atualização", "Laatst gewijzigd", "更新日", "Datum der Abschlussprüfung", "Tag der mündlichen Prüfung",
              "Date de soutenance", "Fecha de defensa", "Fecha de la defensa", "Senast uppdaterad", "Uppdaterad", "Disputation"),
}  # fmt: skip
"""The same in other languages of Europe and in Japanese, as sharing sites and repositories print them."""

ENTIRE_ONLY = frozenset(
    {
        "共",
        "ID",
        "Page",
        "Type",
        "类型",
        "Length",
        "Extent",
        "Name",
        "Year",
        "Date",
        "From",
        "Ref",
        "Version",
        "Available",
        "Added",
        "Posted",
        "Created",
        "Released",
        "发布",
        "阅读",
        "下载",
        "收藏",
        "浏览",
        "评论",
        "Documents",
        "Court",
        "Owner",
        "Fecha",
        "Datum",
        "Data",
        "说明",
        "說明",
        "Peso",
        "Titel",
        "Filed",
        "编码",
        "Comments",
        "Followers",
    }
)


def normal_label(text: str) -> str:
    """Return a label as it is looked up: no spaces inside Chinese, no colon, lower case."""
    text = text.strip().rstrip(":： \xa0\u3000*").strip("【】[]()（）◆●■▪•· ")
    text = " ".join(text.split()) if text.isascii() else "".join(text.split()).replace("\u200b", "")
    return text.lower()


KNOWN: dict[str, str] = {
    normal_label(label): field
    for vocabulary in (_ELSEWHERE, LABELS)
    for field, labels in vocabulary.items()
    for label in labels
}

RELATED = Phrases(
    r"(?:相关(?![度性])|相似(?![度性])|相近|类似|推荐(?!引用|性)|猜你|你可能|您可能|可能(?:还)?(?:喜欢|感兴趣|关注)|最新(?:文档|资料|上传|文件)|同类|同行业|同系列|同专题|同作者|关联(?![度性])|延伸[阅閱][读讀]|相關(?![度性])|有關(?:刊物|文件|資料|出版|連結)|推薦(?!引用|性)|您還|大家还|看了还|更多(?:文档|相关|推荐)|其他文档|下载了该|为您推荐|精选推荐|本类|猜您|看了又看|看过的人|看過的人|(?:用户|用戶|读者|讀者|的人|会员)还(?:阅读|看|下载|浏览|喜欢|收藏)|還(?:閱讀|下載)了)"
    r"|\b(?:related|similar|other (?:filings|papers|reports|articles|files|items)\b|recommended(?! citation)|recommend (?:documents?|papers?|articles?|files?|reading|stories|books?)|recommendations? for you|you (?:may|might)|more (?:like|from)|people also|see also|further reading|other documents|more documents?$|from the same (?:author|uploader|course|collection|series)|you might|also (?:viewed|read|bought|downloaded|ordered|liked))|"
    r"\b(?:relacionad[oa]s|similares|podría(?:n)? (?:gustarte|interesar)|correlati|simili|ähnliche|verwandte|empfohlene|similaires|associés|"
    r"recommandés|weitere (?:magazine|dokumente|publikationen|artikel)|andere documenten|gerelateerde|vergelijkbare|semelhantes)\b|関連",
    "相关|相似|相近|类似|推荐|猜|可能|最新|同类|同行业|同系列|同专题|同作者|关联|延伸|相關|有關|推薦|您還|大家还|看了|更多|其他文档|下载了该|本类|看过的人|看過的人|"
    "还|還|related|simil|other |recommend|you may|you might|more |people also|see also|further reading|other documents|"
    "from the same|also |relacionad|podr|correlati|ähnliche|verwandte|empfohlene|associés|recommandés|"
    "weitere |andere documenten|gerelateerde|vergelijkbare|semelhantes|関連",
)
POPULAR = Phrases(
    r"热门|热点|排行|最热|热搜|周榜|月榜|熱門|熱點|最新消息|"
    r"^(?:neu(?:e|este)|aktuelle|beliebte(?:ste)?) (?:downloads|dokumente|beiträge|dateien)$|"
    r"^(?:the )?(?:new|latest|recent(?:ly)?|newest) (?:downloads?|documents?|files?|posts?|uploads?|publications?|reports?|news|"
    r"additions?|comments?|items?|papers?|articles?|updates?|added|uploaded|viewed|submissions?|releases?)\b|^recently (?:added|uploaded|viewed|published)\b|"
    r"\b(?:popular|trending|most (?:read|viewed|downloaded|requested|popular|cited|searched|accessed|visited|shared|recent)|top \d+)\b",
    "热|排行|周榜|月榜|熱|最新|neue|aktuelle|beliebte|new|latest|recent|popular|trending|most |top ",
)
NOTICE = Phrases(
    r"温馨提示|下载提示|阅读提示|特别提示|重要提示|版权|声明|免责|下载须知|注意事项|友情提示|使用说明|下载说明|copyright|disclaimer|terms of use|(?:最新|全部|精彩)?(?:评论|留言|評論)|網友|网友|comments?\b|comentarios|commentaires|kommentare|commenti|reacties|stay informed|cookies\b|^cookie (?:preferences|settings|consent|options)|^privacy (?:preferences|settings)|^datenschutz-?einstellungen|leave a reply|(?<!\d)\d{1,6} (?:thoughts?|responses?|replies) (?:on|to)\b|updates? to this page|^how to cite\b|^cite (?:this|as)\b|版權|^hinweise für autor|(?:author|submission) guidelines|information for authors|^引用(?:本文|格式)|^本文引用格式",
    "提示|版权|声明|免责|须知|注意事项|说明|copyright|disclaimer|terms of use|评论|留言|評論|網友|网友|comment|comentarios|"
    "kommentare|commenti|reacties|how to cite|cite |stay informed|cookie|privacy |datenschutz|leave a reply|thought|response|repl|update|版權|hinweise für autor|"
    "guidelines|information for authors|引用",
)
TEXT_HEADING = re.compile(
    r"(?:文档|内容|內容|资源|文件|资料|資料|报告|報告|全文|在线|标准|部分){0,2}(?:简介|簡介|摘要|预览|正文|介绍|提要|阅读|文本|概述|内容)(?:[（(](?:节选|部分|摘录)[）)])?(?:[:：])?|适用范围|权利要求书?|简要说明|(?:(?:document|presentation|slide|item) )?(?:transcription|transcript|abstract|summary|description|details|overview|full text|preview|contents?|extract|introduction|text)",
    re.IGNORECASE,
)
FILES = frozenset(
    ("file in this item", "files in this item", "files", "document", "documents", "attachment", "attachments", "download",
     "downloads", "full text file", "full text files", "full-text file", "full-text files", "main file", "main files",
     "attached file", "attached files", "file to download", "files to download", "data and resources",
     "données et ressources", "resource", "resources", "document format files", "data files", "complete report",
     "associated file", "associated files", "supporting document", "supporting documents", "supporting file",
     "supporting files", "supporting information", "document to download", "documents to download", "file available",
     "files available", "附件", "文件下载", "相关附件", "文件列表", "附件列表", "相关文件", "相關文件", "參考檔案", "相关文件下载", "资料下载",
     "附件下载", "檔案下載", "相關檔案", "附件檔案", "相關附件", "附件下載", "附加檔案", "檔案列表", "文件下載", "相关附件下载", "附件信息", "文件附件", "附件资料")
)  # fmt: skip
"""Headings over the files of a document, in lower case."""


CAPTCHA = Phrases(
    r"captcha|are you a robot|unusual traffic|verify (?:that )?you are (?:a )?human|人机验证|安全验证|滑动验证|拖动滑块|请完成验证|访问验证|checking your browser|just a moment|访问过于频繁|异常访问|enable javascript and cookies",
    "captcha|robot|unusual traffic|human|验证|滑块|your browser|just a moment|访问|javascript",
)
LOGIN = Phrases(
    r"登录后|请先登录|用户登录|会员登录|账号登录|登錄|^登录$|log ?in to|sign ?in to|please (?:log|sign) in|^(?:log|sign) ?in\b|members? only|登入|仅(?:允许|限)校(?:内|园网)|校外访问|无权(?:限)?(?:访问|查看)|权限不足|^access denied|^forbidden\b|^no access$|^permission denied|^access (?:required|restricted)$",
    "登录|登錄|登入|log in|login|sign in|signin|members only|member only|仅允许校|仅限校|校外访问|无权|权限不足|access |"
    "no access|permission denied|forbidden",
)
PASSWORD = re.compile(r"\bpass(?:word|phrase)\b|密码|密碼|口令", re.IGNORECASE)
NOT_FOUND = re.compile(
    r"(?:页面|文档|文件|内容|资源|您访问|您查找|信息|资料|頁面)[^。]{0,14}(?:不存在(?![^\W\d了或请哦啦呢])|未找到|找不到|已失效|无法访问|没有找到|不見)|(?:找不到|没有找到)[^。]{0,10}(?:页面|文档|内容|公告|文件|資料|[網网][頁页]|頁面|檔案)|^\s*404\b|page (?:not|could not be) found|not found|could ?n[o']t find|cannot be found|no longer exists|does ?n[o']t exist|页面丢失|出错了|^error\b|nicht gefunden|existiert nicht|no encontrad[oa]\b|non trouvée?\b|\bintrouvable\b|non trovat[oa]\b|niet gevonden",
    re.I,
)
_GONE_ABROAD = (
    r"\b(?:dokument|datei|seite|beitrag|datensatz|publikation|veröffentlichung|documento|archivo|fichero|página|pagina|registro|"
    r"publicación|recurso|document|fichier|page|notice|ressource|scheda|bestand)\b.{0,90}?\b(?:nicht (?:mehr|länger) (?:zur verfügung|verfügbar|abrufbar)|"
    r"wurden? (?:gelöscht|entfernt|zurückgezogen|gesperrt)|(?:ha sido|fue) (?:eliminad|retirad|borrad)[oa]|"
    r"ya no (?:está|se encuentra) disponible|n['’](?:est|existe) plus\b|(?:a été|est) (?:supprimé|retiré)|"
    r"non è più disponibile|è stat[oa] (?:rimoss|eliminat|cancellat)[oa]|is (?:verwijderd|niet (?:meer|langer) beschikbaar)|"
    r"não está mais disponível|foi (?:removid|excluíd)[oa])"
)
"""The same in other languages of Europe, said of the document itself."""

_SIGNS_ABROAD = (
    "verfügbar|zur verfügung|abrufbar|gelöscht|entfernt|zurückgezogen|gesperrt|eliminad|retirad|borrad|disponib|est plus|"
    "existe plus|supprimé|retiré|rimoss|eliminat|cancellat|verwijderd|beschikbaar|disponível|removid|excluíd"
)

GONE = Phrases(
    r"(?:文档|文件|资源|内容|资料|文章|作品|信息|檔案|公告|文书)[^。]{0,24}(?:已(?:经)?(?:被[^。,，]{0,6})?(?:删除|下架|移除|屏蔽|撤回|撤下|封禁|下线|停止公开)|已?不存在(?![^\W\d了或请哦啦呢])|正在审核|審核)|(?:has been|was|been) (?:removed|deleted|withdrawn|taken down)|no longer available|withdrawn (?:by|at|from)|(?:閣下|您|你)所?(?:要求|尋找|瀏覽)的(?:網頁|頁面|檔案|文檔|文件)[^。]{0,40}(?:不再提供|已(?:被)?(?:刪除|移除))|已被删除|已经删除|已下架|(?:因|涉嫌)违规[^。]{0,12}(?:删除|下架|屏蔽|封禁|移除|无法)|(?:文档|文件|内容|资料|资源|作品|文章)(?:因|涉嫌)违规|违规(?:文档|内容)|[该本此](?:文献|论文|条目|记录)[^。]{0,12}已(?:经)?(?:被[^。,，]{0,6})?(?:删除|下架|移除|撤回|撤下|下线)|this (?:item|document|record) (?:is|was) (?:withdrawn|not available|unavailable|private)|"
    + _GONE_ABROAD,
    "删除|下架|移除|屏蔽|撤回|撤下|封禁|下线|停止公开|不存在|审核|審核|违规|不再提供|刪除|removed|deleted|withdrawn|taken down|available|private|"
    + _SIGNS_ABROAD,
)
GONE_ITSELF = Phrases(
    r"(?:^|\b)(?:this |the )?(?:document|item|record|publication|file|page|application|case|content|resource|dataset|presentation|paper|article|entry|material|listing|request|submission|thesis|title|judge?ment|decision|opinion|ruling|report|study)\b.{0,110}\b(?:has been|was|is) "
    r"(?:removed|deleted|withdrawn|taken down|no longer available)|(?:该|本|此|您访问的)(?:文档|文件|资源|页面|资料).{0,60}(?:已被?|被)(?:删除|下架|移除|屏蔽)|"
    + _GONE_ABROAD,
    "删除|下架|移除|屏蔽|removed|deleted|withdrawn|taken down|available|" + _SIGNS_ABROAD,
)
GONE_HEADING = Phrases(
    r"^(?:系统|错误|操作|信息|出错)提示$|^(?:提示|错误|出错)信息$|^(?:(?:this|the) )?\w{1,20}(?: \w{1,20})? (?:(?:is|was|has been|has) )?(?:not available|unavailable|withdrawn|removed|deleted|"
    r"no longer available|not accessible|suppressed)\.?$",
    "提示|错误|出错|available|withdrawn|removed|deleted|not accessible|suppressed",
)
"""The heading of a page about nothing else."""

RESULTS = re.compile(
    r"(?:search|query) results?|suchergebnisse?|trefferliste|résultats (?:de (?:la |votre )?)?recherche|träfflista|sökresultat|"
    r"resultados de (?:la |su )?(?:búsqueda|consulta)|risultati della ricerca|zoekresultaten|"
    r"(?:检索|搜索|查询|檢索|搜尋|查詢)[结結]果(?:列表)?",
    re.IGNORECASE,
)
"""The whole heading of a page that lists what a search found."""

HELP = Phrases(
    r"(?<!中)(?<!中的)常见问题"
    r"(?!(?:及其?|与|和|的|、)?(?:对策|处[理置]|防治|措施|原因|分析|研究|探讨|剖析|整改|应对|预防|控制|思考|成因|改进))|"
    r"常見問[題答]|常见问答|問與答|關於我們|聯絡我們|服務條款|隱私權|帮助中心|关于我们|联系我们|使用帮助|新手指南|(?:上传|投稿|作者|订阅)须知|^投稿(?:指南|指引|要求)$|^侵权(?:投诉|举报)(?:指引|指南|须知)?$|服务协议|用户协议|隐私(?:政策|声明|条款|权)|版权声明|意见反馈|网站地图|积分规则|^help\b|\bhelp$|\bhelp (?:cent|page|topic|desk)|\bfaq\b|about us|contact us|privacy policy|terms (?:of|and)|^(?:政府)?信息公开指南$|(?:检索|查询)帮助$|^(?:hilfe|ayuda|aide)$|^hilfe(?:bereich|seiten?|zentrum)\b|^centro de ayuda\b|^centre d['’]aide\b|how to (?:upload|use|search)|search tips|guidelines for|^(?:author|submission) guidelines$|^instructions (?:for|to) authors$",
    "問題|問答|问答|問與答|我們|條款|隱私|帮助|问题|我们|指南|侵权|投稿|须知|协议|隐私|声明|反馈|地图|规则|help|faq|about us|contact us|privacy policy|terms |"
    "hilfe|ayuda|aide|how to |search tips|guidelines|instructions ",
)
SERVICE = Phrases(
    r"(?:开通|升级)?(?:会员|VIP)(?:套餐|价格|充值|权益|特权|权益对比)|开通(?:会员|VIP)|(?:积分|金币|余额|下载[币券]|会员|在线)?充值(?:中心)?|上[传傳](?:我的)?(?:文档|文件|资料|文檔|檔案|資料)?|(?:membership|subscription) plans|plans (?:and|&) pricing|pricing|upload(?: (?:an?|your|my|new))?(?: (?:documents?|files?|papers?|presentations?))?|thank(?:s| you) for (?:downloading|your download)(?: .{1,60})?|your (?:download|file|document) (?:will|is|has|should)(?: .{1,60})?",
    "会员|vip|充值|上传|上傳|plans|pricing|upload|thank|your ",
)
"""The whole heading of a page on which something is bought, uploaded or waited for, whatever sizes it states."""

APPLICATION = Phrases(
    r"(?:政府)?(?:信息)?依申请公开(?:系统|平台|申请|栏目)?|(?:政府)?信息公开(?:在线)?申请(?:系统|平台|表)?|(?:在线|网上|線上)(?:申请|申請)(?:系统|平台)?",
    "申请|申請",
)
"""The whole heading of a page that is a form to ask an authority for something by, whatever files stand below it."""

PROFILE = Phrases(
    r"个人主页|的[^的\s_|·>《》（）()—-]{0,6}(?:主页|文库|空间)|个人中心|的空间|的资料库|用户中心|(?:councillor|member|staff|user|author|contributor) (?:details|profile|biography)\b|user profile|^(?:kommunalpolitiker|mandatsträger|ratsmitglied)(?:in)?$|'s profile|’s profile|member since",
    "主页|文库|空间|中心|资料库|kommunalpolitiker|mandatsträger|ratsmitglied|details|profile|biography|member since",
)
MAINTENANCE = Phrases(
    r"维护中|系统维护|升级维护|維護中|(?:系統|網站)(?:例行)?(?:維修|維護)(?:通告|公告|通知|中)|under maintenance|"
    r"temporarily unavailable|service unavailable|稍后再试|稍後再試|^wartungsarbeiten$|^en mantenimiento$|^(?:site )?en maintenance$",
    "维护|維護|維修|maintenance|unavailable|稍后再试|稍後再試|wartungsarbeiten|en mantenimiento",
)
NEEDS_SCRIPTS = re.compile(r"javascript|\bscripts?\b|启用脚本|浏览器", re.IGNORECASE)
BOUNDED = Phrases(
    r"\bmax\b|不?超[过過]|大于|大於|小于|小於|最大|至多|不限|以内|不得|up to|maximum|at most|no more than|limit|höchstens|maximal|máximo|au plus",
    "max|超过|超過|大于|大於|小于|小於|最大|至多|不限|以内|不得|up to|at most|no more than|limit|höchstens|máximo|au plus",
)
EXAMPLE = Phrases(
    r"\be\.g\.|\bfor example\b|\bshown as\b|\bsuch as\b|例如|比如|譬如|形如|\bz\. ?B\.|\bpar exemple\b|\bpor ejemplo\b",
    "e.g.|for example|shown as|such as|例如|比如|譬如|形如|z.b.|z. b.|par exemple|por ejemplo",
)
NEXT = re.compile(
    r"^(?:\[?下一?[页頁]\]?(?:\s*[>»›→]{1,3})?|下一[个個]\s*[>»›→]{1,3}|next(?: \w{1,14}){1,2}\s*[>»›→]{1,2}|后一?页|[>›»→⟩〉❯]|>>|››|next(?: \d{1,4})?(?: (?:page|results|items|records))?(?:\s*[>»›→]{1,3})?|older|more results|más|(?:página |resultados? )?siguientes?(?: página)?|(?:page |résultats? )?suivant(?:e|s|es)?|weiter(?:e laden)?|(?:zur )?nächsten?(?: seite)?|(?:pagina )?(?:successiv[ao]|seguente)|(?:página )?(?:próxim[ao]|seguinte)|volgende(?: pagina)?|次へ|[›»>→]\s?(?:next(?: page)?|下一?[页頁]))(?:\s?[>»›→]{1,2})?$",
    re.I,
)
PREVIOUS = re.compile(
    r"^(?:[<«‹←]\s*)*(?:上一?[页頁]|前一?[页頁]|prev(?:ious)?(?: \d{1,4})?(?: (?:page|results|items|records))?|newer|(?:página )?anterior|zurück|vorherige(?: seite)?|(?:page )?précédente?|precedente|vorige(?: pagina)?|前へ)$|^(?:[<«‹←⟨〈❮]|<<|‹‹)$",
    re.I,
)
BADGES = re.compile(
    r"^(?:VIP.{0,4}|荐|精|.{0,4}专享|v?\d{1,3}(?:\.\d{1,3}){1,3}|优质|独家资料|认证资料|原创|精品|热门|推荐|推荐性|强制性|免费|付费|会员|独家|新|HOT|NEW|PRO|共享文档|会员专享|精选|置顶|认证|最新|有效|现行|现行有效|已?废止|已?作废|即将实施|被代替|失效|附件|转载|reportable|not reportable|superseded|current|final|draft|approved|archived|open access|free|featured|popular|updated|verified|premium|exclusive|ai[- ](?:enhanced|generated|assisted|powered|summary)|editor['’]?s (?:pick|choice)|staff pick|trending|best ?seller|official|public|published|restricted|open|download|share|save|print|pdf|[(\[](?:english|french|spanish|arabic|russian|chinese|en|fr|es|zh)[)\]])$",
    re.I,
)
ENDING = re.compile(r"\.(docx?|pptx?|xlsx?|pdf|txt|rtf|wps|odt|ods|odp|html?|zip|rar|epub|csv|et|dps|caj|ofd)$", re.I)
ADVERT = re.compile(
    r"^(?:广告|推广|赞助|廣告|advertisements?|advertising|sponsored(?: (?:links?|content|results?))?|ads?|promoted)$|^ads? by \w|^(?:广告|推广|廣告)[:：]",
    re.I,
)
BOILERPLATE = Phrases(
    r"收益归|版权归|如有侵权|立即下载|下载本文|下载文档|点击下载|免费阅读|客服|积分下载|开通会员|继续阅读|展开全文|阅读全文|查看全文|未读完|剩余\d+页|加载更多|最后一页|这是最后|文档由用户|all rights reserved|click to download|download (?:the|this)",
    "收益归|版权归|侵权|立即下载|下载本文|下载文档|点击下载|免费阅读|客服|积分下载|开通会员|继续阅读|展开全文|阅读全文|查看全文|未读完|"
    "剩余|加载更多|最后一页|这是最后|文档由用户|all rights reserved|click to download|download the|download this",
)

CHROME = re.compile(
    r"位置|分享|电话|電話|地址|邮编|郵遞|传真|傳真|邮箱|网址|網址|字体|字體|字号|打印|列印|收藏|关注我|版权|版權|承办|主办|备案|标识码|技术支持|二维码|客服|热线|服务时间|"
    r"扫一扫|上一[篇条页]|下一[篇条页]|搜索|登录|注册|尊敬的|温馨提示|提示|声明|"
    r"\b(?:tel|telephone|phone|fax|e-?mail|address|share|follow|copyright|you are here|search|sort by|font size|opening hours|"
    r"contact|call|log ?in|sign ?in|note|warning|tip|previous|next|cookie|language selector|skip to)\b",
    re.IGNORECASE,
)
"""Words of labels that belong to the site and not to the document."""

STANDING_NOTICE = Phrases(
    r"^\s*(?:©|copyright\b)|标准《[^》]{1,90}》由.{0,70}归口|^主要起草(?:单位|人)|all rights reserved|protected by (?:the )?copyright|\bcookies\b|size limits? appl|must not be scaled|"
    r"\bas received from|opening hours\s{0,3}(?:[:|]|\Z|mon|daily)|版权所有|ICP备|公网安备|地址[:：].{0,60}邮编|邮编[:：]|访问者|电话[:：].{0,30}传真|技术支持[:：]|"
    r"网站标识码|主办(?:单位)?[:：].{0,60}承办|copyright ©|©\s?(?:19|20)\d\d|please use this identifier|to cite or link|"
    r"本(?:文档|资料)共\d+页，|一经付费|如您付费|侵权必究|仅提供信息存储|如涉嫌侵权|下载前请(?:注意|先|仔细)|网友上传|商业用途|by subscribing you|unsubscribe at any time|"
    r"cookies? (?:on|to make)|privacy notice|"
    r"是由.{1,40}上传分享，|版权归|如有侵权|由用户(?:自行)?(?:提供|上传)|(?:本站|本网|网站|本文档)[^。]{0,20}仅供(?:学习|参考)|仅供学习(?:交流|参考|使用)|下载后无此问题|C2C”?交易|由会员分享，可在线阅读|温馨提示[:：]|请使用.{0,20}浏览器|licen[cs]ed under|creative commons licen[cs]e|"
    r"registered charity (?:no\.? |number |in [a-z ]{1,30})?[(:]?\s?(?:no\.? )?\d|powered by (?:dspace|eprints|invenio|islandora|dataverse|ckan|wordpress|drupal|joomla|discuz|phpcms|dedecms|digital commons)|"
    r"full text (?:of this \w{1,12} )?(?:is )?not available|has been sent\. you have|以实际下载为准|下载后如|如遇乱码|解压密码|personal or financial information|what (?:were you doing|went wrong)\b|"
    r"download policy|dates are (?:shown|given) as|problems viewing this page|^(?:recommended|suggested|preferred) citation\s?[:：]|除非特[别別][说說]明，本(?:系[统統]|[网網]?站|平[台臺])|^本帖最后由 ?\S{1,40} ?于 |下载说明[:：]|acrobat(?: ?®)? reader|如有(?:查询|查詢|疑问|疑問)，|processed in \d+\.\d+ second|was this (?:page |article )?helpful|your feedback (?:will )?helps? us|電話[:：].{0,30}傳真|服務時間[:：]|"
    r"citation information provided by|^内容来自.{1,50}转载请|^there are no reviews yet\b|no está disponible en (?:html|formato)\b",
    "©|归口|主要起草|copyright|all rights reserved|cookie|size limit|must not be scaled|as received from|"
    "opening hours|版权所有|版权归|icp备|公网安备|邮编|访问者|传真|技术支持|网站标识码|承办|please use this identifier|to cite or link|"
    "页，|一经付费|如您付费|侵权|仅提供信息存储|下载前请|网友上传|商业用途|by subscribing you|unsubscribe|privacy notice|由用户|上传分享|仅供学习|仅供参考|"
    "下载后无此问题|c2c|由会员分享|温馨提示|浏览器|licensed under|licenced under|creative commons|registered charity|"
    "powered by|not available|has been sent|以实际下载|下载后如|乱码|解压密码|financial information|were you doing|went wrong|"
    "download policy|dates are |problems viewing|转载请|citation|除非特|本帖最后由|下载说明|acrobat|如有查|如有疑|processed in|helpful|your feedback|傳真|服務時間|no está disponible|no reviews yet",
)
"""Sentences that stand on every page of a site, whatever the document."""
