"""Common given names and surnames by culture, in the letters carriers send. Written for this project; nobody real is meant.

`CULTURES[name]` holds male given names, female given names and surnames. A surname may be two words (joined by `_` here).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Culture:
    male: npt.NDArray[np.object_]
    female: npt.NDArray[np.object_]
    surnames: npt.NDArray[np.object_]


def _names(text: str) -> npt.NDArray[np.object_]:
    return np.array([name.replace("_", " ") for name in text.upper().split()], dtype=object)


_TABLES: dict[str, tuple[str, str, str]] = {
    "english": (
        "James John Robert Michael William David Richard Joseph Thomas Charles Daniel Matthew Andrew Mark Paul Steven "
        "Kevin Brian George Edward Peter Ryan Jack Oliver Harry Samuel Benjamin Adam Nathan Luke",
        "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy Margaret Emily Emma Olivia "
        "Charlotte Amelia Grace Lucy Hannah Rachel Laura Rebecca Helen Alice Julia Claire Megan Kate Anna",
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts "
        "Green Hall Wood Jackson Clarke Clark Harris Lewis Martin Cooper King Ward Baker Turner Hill Scott Moore Morris "
        "Campbell Mitchell Anderson Stewart MacDonald Murray Fraser Bennett Collins Murphy Kelly O'Brien Sullivan Shaw "
        "Hughes Edwards Price",
    ),
    "french": (
        "Jean Pierre Michel Philippe Alain Nicolas Francois Laurent Olivier Thierry Julien Antoine Mathieu Guillaume "
        "Louis Etienne Gabriel Hugo Lucas Theo Marc-Andre Jean-Francois Sebastien Vincent Benoit Xavier Yves Luc Remi "
        "Gilles",
        "Marie Nathalie Isabelle Sylvie Catherine Francoise Valerie Christine Sandrine Sophie Celine Julie Camille "
        "Chloe Manon Lea Aurelie Helene Marie-Claude Anne-Marie Genevieve Josee Veronique Melanie Emilie Florence "
        "Mireille Elise Agathe Margot",
        "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia "
        "Roux Tremblay Gagnon Roy Cote Bouchard Gauthier Morin Lavoie Fortin Gagne Ouellet Pelletier Belanger Levesque "
        "Bergeron Leblanc Paquette Girard Simard Boucher Caron Beaulieu Cloutier Dube Poirier Fournier Lapointe Leclerc "
        "Lefevre Poulin Thibault Desjardins De_La_Tour Du_Pont",
    ),
    "arabic": (
        "Mohamed Mohammed Ahmed Ali Omar Youssef Hassan Hussein Ibrahim Khaled Mahmoud Mustafa Abdullah Abdulrahman "
        "Samir Tarek Karim Bilal Hamza Rachid Nabil Walid Ziad Faisal Majid Salim Hicham Anas Yassine Adel",
        "Fatima Aisha Khadija Maryam Zainab Amina Layla Noor Salma Hanan Samira Nadia Rania Huda Dina Mona Souad Yasmin "
        "Iman Sara Farah Hiba Lina Malak Rim Ghada Wafa Najat Asma Karima",
        "Ahmed Hassan Ibrahim Khalil Haddad Mansour Saleh Al-Sayed El-Masri Al-Hussein Ben_Ali Bouzid Benali Alaoui "
        "Idrissi Tazi Berrada Saidi Nasser Aziz Hamdan Khoury Sabbagh Darwish Al-Ahmad Abbas Shaheen Qasim Najjar "
        "Hariri Farouk Zaki Mubarak Amrani Cherif Belkacem Toumi Mejri Trabelsi Gharbi Jaziri Al-Harbi Al-Otaibi Rahman "
        "Suleiman Yousef Issa Awad Odeh Bakri",
    ),
    "chinese": (
        "Wei Jun Lei Yong Jie Hao Ming Tao Chao Peng Jian Guoqiang Zhiming Xiaoming Jianguo Haoran Yichen Zihan Bowen "
        "Junjie Kai Zhenhua Weidong Yifan Tianyu Chen Rui Feng Bin Hui",
        "Fang Min Jing Li Yan Xia Juan Ying Na Xiaoyan Yuting Xinyi Shuyi Meiling Lihua Xiuying Hong Yu Qian Lan Jiayi "
        "Siqi Wenjing Yaqi Mengyao Xue Dan Ting Lu Chunhua",
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Song Tang "
        "Han Feng Deng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Shen Yao "
        "Ouyang",
    ),
    "indian": (
        "Rahul Amit Raj Sanjay Vijay Arjun Rohan Suresh Ramesh Anil Sunil Manoj Rajesh Deepak Vikram Karan Aditya "
        "Harpreet Gurpreet Jaspreet Manpreet Sukhdeep Ravi Prakash Nikhil Varun Ashok Dinesh Mahesh Kiran",
        "Priya Anjali Pooja Neha Kavita Sunita Anita Deepa Lakshmi Meena Radha Sita Divya Shreya Aishwarya Harjit "
        "Simran Navdeep Rajwinder Kulwinder Asha Rekha Usha Geeta Nisha Swati Sneha Preeti Jyoti Manisha",
        "Singh Kaur Kumar Sharma Patel Gupta Verma Shah Mehta Joshi Reddy Rao Nair Menon Iyer Gill Sidhu Dhillon Sandhu "
        "Grewal Brar Bains Dhaliwal Mishra Pandey Tiwari Yadav Chauhan Desai Trivedi Bhatt Jain Agarwal Kapoor Malhotra "
        "Khanna Chopra Bose Banerjee Chatterjee Das Dutta Ghosh Mukherjee Pillai Krishnan Subramaniam Naidu Chowdhury "
        "Saini",
    ),
    "spanish": (
        "Jose Juan Luis Carlos Jorge Miguel Francisco Antonio Manuel Pedro Alejandro Fernando Ricardo Eduardo Javier "
        "Rafael Sergio Diego Andres Pablo Santiago Mateo Sebastian Oscar Victor Raul Hector Enrique Ramon Alberto",
        "Maria Guadalupe Juana Margarita Rosa Carmen Ana Teresa Martha Alejandra Sofia Valentina Camila Daniela "
        "Gabriela Isabel Lucia Elena Patricia Claudia Veronica Adriana Paola Andrea Monica Silvia Laura Diana Natalia "
        "Beatriz",
        "Garcia Hernandez Lopez Martinez Gonzalez Rodriguez Perez Sanchez Ramirez Cruz Flores Gomez Morales Vazquez "
        "Reyes Jimenez Torres Diaz Gutierrez Mendoza Ruiz Aguilar Ortiz Castillo Moreno Romero Alvarez Rivera Chavez "
        "Ramos Herrera Medina Vargas Castro Guzman Mendez Fernandez Salazar Soto Delgado Garcia_Lopez Perez_Cruz "
        "De_La_Cruz Rojas Silva Munoz Contreras Fuentes Navarro Cortes",
    ),
    "vietnamese": (
        "Van_Anh Van_Hung Minh Tuan Hung Dung Hai Long Nam Quang Duc Thanh Huy Khanh Phong Son Tien Trung Viet Bao "
        "Cuong Dat Hieu Hoang_Nam Khoa Kien Linh Loc Phuc Quoc",
        "Thi_Lan Thi_Hoa Thi_Mai Huong Lan Mai Hoa Thuy Trang Linh Ngoc Anh Phuong Thao Hanh Hien Ha Nga Yen Kim Loan "
        "Nhung Tuyet Van Xuan Bich Chi Dao Diep Quynh",
        "Nguyen Tran Le Pham Hoang Huynh Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly Dinh Truong Lam Mai Trinh Dao Cao Ha "
        "Luu Luong Thai Chau Ta Phung To Vuong Quach Kieu Nghiem Tong Trieu Mac Ninh La",
    ),
    "korean": (
        "Min-Jun Seo-Jun Do-Yun Ji-Ho Jun-Seo Hyun-Woo Sung-Min Dong-Hyun Young-Ho Jae-Hyun Sang-Hoon Kyung-Soo Ji-Hoon "
        "Seung-Hyun Woo-Jin Tae-Yang Jin-Woo Byung-Hun Chang-Min Kwang-Su",
        "Seo-Yeon Ji-Woo Min-Ji Soo-Jin Ji-Young Eun-Ji Hye-Jin Yoo-Jin Mi-Kyung Young-Hee Ha-Eun Su-Bin Ye-Jin Da-Eun "
        "Na-Yeon Bo-Young Kyung-Hee Sun-Young Hyo-Jin Jin-Ah",
        "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Hong Jeon Ko Moon Yang "
        "Son Bae Baek Heo Nam Shim Noh Ha Joo Woo Koo Min Jin Ji Um Cha",
    ),
    "russian": (
        "Aleksandr Sergey Dmitry Andrey Aleksey Maksim Vladimir Ivan Mikhail Nikolay Evgeny Igor Oleg Pavel Roman "
        "Viktor Yury Denis Anton Ilya Artem Kirill Konstantin Vadim Vyacheslav Stanislav Timur Ruslan Boris Gennady",
        "Anna Elena Olga Tatiana Irina Natalia Svetlana Ekaterina Maria Anastasia Yulia Ksenia Daria Polina Victoria "
        "Galina Ludmila Valentina Nadezhda Oksana Alina Veronika Marina Larisa Vera Zhanna Inna Nina Evgenia Kristina",
        "Ivanov Smirnov Kuznetsov Popov Vasiliev Petrov Sokolov Mikhailov Novikov Fedorov Morozov Volkov Alekseev "
        "Lebedev Semenov Egorov Pavlov Kozlov Stepanov Nikolaev Orlov Andreev Makarov Nikitin Zakharov Zaitsev Solovyov "
        "Borisov Yakovlev Grigoriev Romanov Vorobyov Kuzmin Frolov Shevchenko Kovalenko Bondarenko Tkachenko Kravchenko "
        "Melnyk Shcherbakov Zhukov Tsvetkov Chernov Yermakov Akhmetov Nurpeisov Omarov Suleimenov Kim",
    ),
    "persian": (
        "Mohammad Ali Reza Hossein Amir Mehdi Hamid Saeed Majid Behzad Farhad Kamran Arash Babak Navid Omid Siavash "
        "Kourosh Dariush Shahram Ehsan Milad Pouya Iman Ramin Cyrus Bijan Jamshid Nader Payam",
        "Fatemeh Zahra Maryam Sara Leila Nasrin Shirin Parisa Mina Mahsa Niloofar Elham Azadeh Golnaz Roya Simin "
        "Sepideh Yasaman Bahar Setareh Laleh Ziba Nazanin Shahla Mitra Forough Taraneh Mahin Soraya Hengameh",
        "Hosseini Mohammadi Ahmadi Karimi Rahimi Rezaei Moradi Ebrahimi Jafari Heidari Ghorbani Kazemi Rostami Sadeghi "
        "Mousavi Hashemi Najafi Shirazi Tehrani Esfahani Tabrizi Amini Bagheri Farahani Ghasemi Golzari Habibi Jalali "
        "Khosravi Mahmoudi Nazari Norouzi Parvizi Pahlavan Rafiei Salehi Shahbazi Soltani Tavakoli Yazdani Zamani Zand "
        "Ziaei Azizi Bahrami Davoudi Eskandari Fallah Hakimi Kiani",
    ),
    "west_african": (
        "Chukwuemeka Emeka Chinedu Ikenna Obinna Tunde Babatunde Olumide Segun Femi Kwame Kofi Kwaku Yaw Kojo Mamadou "
        "Ousmane Ibrahima Moussa Cheikh Abdoulaye Amadou Issa Seydou Kouassi Yao Koffi Musa Sani Usman",
        "Ngozi Chioma Adaeze Ifeoma Amara Folake Yewande Titilayo Bukola Funmilayo Ama Akosua Adwoa Abena Efua Aminata "
        "Fatou Awa Mariama Khady Aissatou Ndeye Affoue Akissi Adjoua Hauwa Zainab Halima Blessing Patience",
        "Okafor Okonkwo Eze Nwosu Adeyemi Adebayo Ogunleye Balogun Bello Abubakar Ibrahim Mensah Owusu Boateng Osei "
        "Asante Appiah Agyeman Diallo Ba Ndiaye Diop Fall Sow Sarr Gueye Faye Cisse Traore Coulibaly Keita Toure Kone "
        "Ouattara Kouassi Kouame Yao Bamba Camara Sylla Conde Barry Okeke Obi Nnamdi Afolabi Oyelaran Danjuma Lawal "
        "Musa",
    ),
    "polish": (
        "Piotr Krzysztof Andrzej Tomasz Jan Pawel Michal Marcin Jakub Adam Marek Lukasz Grzegorz Wojciech Zbigniew "
        "Jerzy Tadeusz Mateusz Rafal Dariusz Kamil Robert Maciej Henryk Szymon Bartosz Stanislaw Kazimierz Filip Artur",
        "Anna Katarzyna Maria Malgorzata Agnieszka Krystyna Barbara Ewa Elzbieta Zofia Teresa Magdalena Joanna Janina "
        "Monika Danuta Jadwiga Aleksandra Halina Irena Beata Marta Dorota Karolina Natalia Zuzanna Julia Iwona Justyna "
        "Renata",
        "Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowski "
        "Kozlowski Jankowski Mazur Kwiatkowski Krawczyk Piotrowski Grabowski Nowakowski Pawlowski Michalski Adamczyk "
        "Dudek Zajac Wieczorek Jablonski Krol Majewski Olszewski Jaworski Wrobel Malinowski Pawlak Witkowski Walczak "
        "Stepien Gorski Rutkowski Michalak Sikora Ostrowski Baran Duda Szewczyk Tomaszewski Pietrzak Marciniak "
        "Wroblewski Zalewski Jakubowski",
    ),
    "filipino": (
        "Jose Antonio Ramon Eduardo Roberto Mark_Anthony John_Paul Jericho Rodel Arnel Danilo Ernesto Rogelio Ferdinand "
        "Reynaldo Christian Angelo Joshua Jayson Renato",
        "Maria_Cristina Rosario Jocelyn Maricel Rowena Marites Lourdes Imelda Cristina Analyn Jennylyn Angelica "
        "Princess Mary_Grace Rosalinda Teresita Josephine Melanie Sheila Charito",
        "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Tomas Andrada Castillo Flores Villanueva Ramos Castro "
        "Rivera Aquino Navarro Salazar Mercado Dela_Cruz Delos_Santos Manalo Pascual Santiago Soriano Tolentino Valdez "
        "Magsaysay Macaraeg Dimaculangan Panganiban Lacson Evangelista Gonzales Domingo Corpuz Aguinaldo Abad Padilla",
    ),
    "portuguese": (
        "Joao Jose Antonio Paulo Pedro Carlos Lucas Marcos Luiz Gabriel Rafael Daniel Marcelo Bruno Eduardo Felipe "
        "Rodrigo Tiago Gustavo Vitor",
        "Maria Ana Francisca Antonia Adriana Juliana Marcia Fernanda Patricia Aline Camila Amanda Bruna Jessica Leticia "
        "Beatriz Larissa Mariana Ines Catarina",
        "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida "
        "Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques Machado Mendes "
        "Freitas Cardoso Ramos Goncalves Santana Teixeira Da_Silva Dos_Santos De_Souza Monteiro Pinto",
    ),
}

CULTURES: dict[str, Culture] = {
    name: Culture(_names(male), _names(female), _names(surnames)) for name, (male, female, surnames) in _TABLES.items()
}
